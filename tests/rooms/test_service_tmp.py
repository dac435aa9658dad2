import time
from tests.support.office import *
def test_one(office):
    me = office.id_of(EMPLOYEE)
    d = office.desks()
    print(me, d, office.rooms(), office.colleagues())
    b = office.booked(me, d[0])
    print(b)
    r = office.book(office.colleagues()[0], d[0])
    print(r.status_code, r.text)
    assert office.findings() == []
    print(office.sweep())
def test_two(office): pass
def test_three(office): pass
def test_four(office): pass
