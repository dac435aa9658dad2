"""The people of the demo: invented names in real public bodies, as rows of the people import.

Every number and address is made up and says so: addresses are at ``selaras.test``, a name that can't exist (RFC 6761),
and all numbers (NIP) have a birth date on the first of a month and a serial from 900, which no real series reaches.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

COLUMNS = (
    "agency", "agency_name", "unit", "name", "title", "email", "nip", "superior", "site", "roles", "level", "duties",
    "eligible", "unit_kind",
)  # fmt: skip


class Agency(msgspec.Struct, frozen=True):
    code: str
    name: str


AGENCIES = tuple(
    Agency(code, name)
    for code, name in (
        ("BAPPENAS", "Kementerian Perencanaan Pembangunan Nasional/Bappenas"),
        ("KEMENPANRB", "Kementerian Pendayagunaan Aparatur Negara dan Reformasi Birokrasi"),
        ("OIKN", "Otorita Ibu Kota Nusantara"),
        ("SETNEG", "Kementerian Sekretariat Negara"),
        ("KEMENPU", "Kementerian Pekerjaan Umum"),
        ("KEMENKEU", "Kementerian Keuangan"),
        ("BKN", "Badan Kepegawaian Negara"),
        ("KOMDIGI", "Kementerian Komunikasi dan Digital"),
        ("KEMENDAGRI", "Kementerian Dalam Negeri"),
        ("KEMENKES", "Kementerian Kesehatan"),
        ("LAN", "Lembaga Administrasi Negara"),
        ("BPKP", "Badan Pengawasan Keuangan dan Pembangunan"),
        ("KEMENLU", "Kementerian Luar Negeri"),
        ("KEMENKUM", "Kementerian Hukum"),
        ("KEMENHAM", "Kementerian Hak Asasi Manusia"),
        ("KEMENIMIPAS", "Kementerian Imigrasi dan Pemasyarakatan"),
        ("KEMENESDM", "Kementerian Energi dan Sumber Daya Mineral"),
        ("KEMENPERIN", "Kementerian Perindustrian"),
        ("KEMENDAG", "Kementerian Perdagangan"),
        ("KEMENTAN", "Kementerian Pertanian"),
        ("KEMENHUT", "Kementerian Kehutanan"),
        ("KKP", "Kementerian Kelautan dan Perikanan"),
        ("KEMENHUB", "Kementerian Perhubungan"),
        ("KEMNAKER", "Kementerian Ketenagakerjaan"),
        ("KEMENAG", "Kementerian Agama"),
        ("KEMENSOS", "Kementerian Sosial"),
        ("KEMENDIKDASMEN", "Kementerian Pendidikan Dasar dan Menengah"),
        ("KEMDIKTISAINTEK", "Kementerian Pendidikan Tinggi, Sains, dan Teknologi"),
        ("KEMENPKP", "Kementerian Perumahan dan Kawasan Permukiman"),
        ("KEMENLH", "Kementerian Lingkungan Hidup"),
        ("ATRBPN", "Kementerian Agraria dan Tata Ruang/Badan Pertanahan Nasional"),
        ("BPS", "Badan Pusat Statistik"),
        ("BRIN", "Badan Riset dan Inovasi Nasional"),
        ("ANRI", "Arsip Nasional Republik Indonesia"),
        ("BSSN", "Badan Siber dan Sandi Negara"),
        ("BMKG", "Badan Meteorologi, Klimatologi, dan Geofisika"),
        ("LKPP", "Lembaga Kebijakan Pengadaan Barang/Jasa Pemerintah"),
        ("BPOM", "Badan Pengawas Obat dan Makanan"),
    )
)
FEW_AGENCIES = AGENCIES[:12]
"""enough up to a thousand people; more are spread over all of ``AGENCIES``"""

OFFICE = "Biro Umum dan Sumber Daya Manusia"
DEMO_UNIT = "Direktorat Perkotaan"
SERVICE_AGENCY, SERVICE_UNIT = "KEMENDAGRI", "Direktorat Pelayanan Publik"
"""the unit that serves the public across a counter, and so works on site"""
NEWCOMERS_IN = ("BAPPENAS", "KEMENKEU", "LAN")
"""agencies with somebody so new that they may not work flexibly yet (PermenPANRB 4/2025)"""
NEWCOMER = "Calon Analis Kebijakan Ahli Pertama"
UNIT_SIZE = 11
"""most members of a directorate, its head included"""
DIRECTORATES_PER_DEPUTY = 5


class Region(msgspec.Struct, frozen=True):
    """Names that go together."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    two_given: bool = True
    """whether one may bear two of the given names; not where they tell the order of birth or a title"""


def _region(women: str, men: str, families: str, *, two_given: bool = True) -> Region:
    return Region(tuple(women.split()), tuple(men.split()), tuple(families.split()), two_given)


_REGIONS = (
    _region(
        "Siti Retno Endah Sri Wahyu Ratna Dyah Tri Nur Lestari",
        "Bambang Agus Joko Eko Budi Slamet Heru Wahyudi Teguh Aris",
        "Wibowo Nugroho Santoso Purnomo Setiawan Hartono Susanto Kusumo Prasetyo Darmawan",
    ),
    _region(
        "Neng Euis Tuti Rina Lilis Yuyun Imas Ani Dedeh Nia",
        "Asep Dadang Ujang Cecep Deden Yayan Iwan Jajang Tatang Rudi",
        "Suherman Hidayat Permana Kurnia Sutisna Nugraha Gunawan Ramdani Mulyana Supriatna",
    ),
    _region(
        "Tiurma Rotua Ester Maria Duma Lamria Helena Riris Nurcahaya Saur",
        "Parlin Togar Binsar Hotman Jonggi Saut Marihot Poltak Ronald Tumpal",
        "Simanjuntak Sihombing Siregar Nasution Tampubolon Ginting Sembiring Lubis Harahap Panjaitan",
    ),
    _region(
        "Yusniar Rahmi Elvira Desi Fitri Upik Nelwati Suci Wirda Zahara",
        "Zulkifli Syafrizal Hendri Afrizal Yulius Firdaus Rizal Irwan Doni Mardian",
        "Chaniago Koto Piliang Tanjung Sikumbang Jambak Guci Pitopang Simabur Payobada",
    ),
    _region(
        "Luh Wayan Putu Made Kadek Komang Ketut Ayu Desak Gek",
        "Wayan Made Nyoman Ketut Putu Gede Kadek Komang Rai Bagus",
        "Wirawan Suardana Astawa Sudiarta Mahendra Adnyana Dewantara Wijaya Parwata Sanjaya",
        two_given=False,
    ),
    _region(
        "Andi Besse Nurhayati Hasnah Murni Sitti Tenri Marwah Rosdiana Fatmawati",
        "Andi Baso Mansyur Syamsul Muhlis Ambo Arifuddin Kamaruddin Ilham Rustam",
        "Pangerang Mappasessu Tonang Makkulau Patunru Rahman Sulaiman Latief Bahar Tahir",
        two_given=False,
    ),
    _region(
        "Norlina Yohana Lidia Sarinah Rusmiati Mariam Helmi Norhasanah Aisyah Rabiatul",
        "Yansen Uyau Pebrianus Lewi Syahrani Rusdi Norman Anang Hairul Markus",
        "Ngau Lawai Usop Rangkap Tundan Noor Saleh Djunaidi Ingan Belawan",
    ),
    _region(
        "Safia Ainsyah Mutia Safrida Rosmala Nurul Keumala Wardah Salmiah Husna",
        "Tarmizi Muzakkir Iskandar Fauzan Ridwan Mahdi Zaini Munawar Azhar Nazar",
        "Abdullah Ismail Usman Hanafiah Yusuf Daud Ibrahim Basyah Amin Jalil",
    ),
    _region(
        "Yuliana Orpa Dorkas Agustina Marice Selfina Ribka Naomi Yakoba Elsye",
        "Yohanis Marthen Ferdinand Obet Elias Septinus Benny Hengky Isak Yosias",
        "Wanggai Rumbiak Kambu Yoku Mandacan Tabuni Wenda Kogoya Asso Imbiri",
    ),
    _region(
        "Meilani Vivian Grace Novita Jeane Christin Debora Olivia Stevi Anita",
        "Yanto Denny Franky Steven Johan Ferry Robby Melky Gerson Adolf",
        "Kusuma Halim Tanoto Rumengan Wowor Latuheru Pattiasina Manuhutu Lontoh Salim",
    ),
)

_FIELDS = (
    ("Kebijakan dan Perencanaan", "Perencanaan Makro", "Penyusunan Program", "Evaluasi Kebijakan", "Kajian Strategis"),
    ("Tata Kelola dan Akuntabilitas", "Akuntabilitas Kinerja", "Pengawasan Intern", "Manajemen Risiko", "Kepatuhan"),
    ("Transformasi Digital", "Layanan Digital", "Data dan Informasi", "Infrastruktur TI", "Keamanan Informasi"),
    ("Kelembagaan dan Kemitraan", "Kelembagaan", "Kerja Sama Antarlembaga", "Kerja Sama Daerah", "Hubungan Masyarakat"),
    ("Sumber Daya dan Layanan", "Pengembangan Kompetensi", "Manajemen Talenta", "Pelayanan Publik", "Tata Laksana"),
    ("Pendanaan dan Investasi", "Pembiayaan", "Penganggaran", "Investasi Publik", "Pengelolaan Aset"),
    ("Regulasi dan Hukum", "Perancangan Peraturan", "Advokasi Hukum", "Harmonisasi", "Dokumentasi Hukum"),
    ("Pengembangan Wilayah", "Wilayah Barat", "Wilayah Timur", "Kawasan Strategis", "Perdesaan"),
)
_TITLES = (
    "Perencana Ahli Madya", "Perencana Ahli Muda", "Perencana Ahli Pertama", "Analis Kebijakan Ahli Muda",
    "Analis Kebijakan Ahli Pertama", "Analis SDM Aparatur Ahli Muda", "Pranata Komputer Ahli Pertama",
    "Statistisi Ahli Muda", "Arsiparis Ahli Pertama", "Auditor Ahli Muda", "Pengolah Data dan Informasi",
    "Penata Layanan Operasional",
)  # fmt: skip


class _Unit(msgspec.Struct, frozen=True):
    """A unit to fill: its path, its head's title and how many it has, head included; ``over`` is the path above."""

    path: str
    title: str
    size: int
    over: str

    @property
    def serves(self) -> bool:
        return self.path.endswith(SERVICE_UNIT)

    def leader(self, place: int) -> str:
        """The title of somebody who leads a part of the unit, one of them in each city; empty for anybody else."""
        if self.size < 6:
            return ""
        office = self.path.endswith(OFFICE)
        if place == (4 if office else 2):
            return "Kepala Bagian Umum" if office else "Kepala Subdirektorat Program"
        return "Kepala Subbagian Tata Usaha" if place == 5 else ""


class _Account(msgspec.Struct, frozen=True):
    """A person who must exist: the first to be seated in their unit, so the head comes first."""

    email: str
    name: str
    roles: tuple[str, ...] = ()
    title: str = ""


class _Newcomer(msgspec.Struct, frozen=True):
    name: str
    email: str
    nip: str


def people(today: date, count: int = 320) -> list[dict[str, str]]:
    """``count`` people as rows of the people import, superiors before those who report to them.

    The first agency holds the five accounts of the demo. The same ``today`` and ``count`` always give the same rows.
    Raises ValueError below 24 people, with whom no agency could have a unit worth a demo.
    """
    if count < 24:
        raise ValueError(f"a demo needs at least 24 people, not {count}")
    dice = random.Random(f"people/{count}")  # noqa: S311 - invented people, not secrets
    agencies = AGENCIES if count > 1000 else FEW_AGENCIES[: count // 24]
    each, left = divmod(count, len(agencies))
    register = _Register(today, dice)
    rows: list[dict[str, str]] = []
    for at, agency in enumerate(agencies):
        rows += _agency_rows(agency, each + (at < left), register, demo=at == 0)
    return rows


def _agency_rows(agency: Agency, size: int, register: _Register, *, demo: bool) -> Iterator[dict[str, str]]:
    heads = {"": ""}
    units = list(_units(agency, size, demo=demo))
    for unit in units:
        accounts = iter(_accounts(unit, agency, demo=demo))
        superior = heads[unit.over]
        for place in range(unit.size):
            account = next(accounts, None)
            is_head = place == 0
            new = register.new(account, head=is_head)
            title = unit.title if is_head else (account and account.title) or register.title()
            is_new = unit is units[-1] and place == unit.size - 1 and agency.code in NEWCOMERS_IN
            title = NEWCOMER if is_new else unit.leader(place) or title
            row = {
                "agency": agency.code,
                "agency_name": agency.name,
                "unit": unit.path,
                "name": new.name,
                "title": title,
                "email": new.email,
                "nip": new.nip,
                "superior": superior,
                # three in Nusantara to two in Jakarta in every unit, heads and the demo's own in Nusantara
                "site": "IKN" if place % 5 in (0, 1, 3) else "JKT",
                "roles": " ".join((*(("head-of-unit",) if is_head else ()), *(account.roles if account else ()))),
                "level": level(title),
                "duties": _duties(unit, place),
                "eligible": "no" if is_new else "yes",
                "unit_kind": "direct-service" if unit.serves else "",
            }
            yield row
            if is_head:
                heads[unit.path] = superior = row["email"]


_LEVELS = {
    "Sekretaris": "jpt-madya",
    "Deputi": "jpt-madya",
    "Direktur": "jpt-pratama",
    "Kepala Biro": "jpt-pratama",
    "Kepala Bagian": "administrator",
    "Kepala Subdirektorat": "administrator",
    "Kepala Subbagian": "pengawas",
}


def level(title: str) -> str:
    """The kind of position (UU 20/2023) that a title of the demo names."""
    for start, found in _LEVELS.items():
        if title.startswith(start):
            return found
    return "fungsional" if " Ahli " in title else "pelaksana"


def _duties(unit: _Unit, place: int) -> str:
    """What somebody has to be on site for, whoever it is that day."""
    if unit.serves and place:
        return "loket" if place != 5 else "loket piket"
    return "persuratan" if unit.path.endswith(OFFICE) and place in (2, 6) else ""


def _units(agency: Agency, size: int, *, demo: bool) -> Iterator[_Unit]:
    """The agency's units from the top: its secretary, then each deputy followed by that deputy's directorates."""
    rank = _rank(agency)
    top = f"Sekretariat {rank}"
    yield _Unit(top, f"Sekretaris {rank}", 1, "")
    directorates = max(2, math.ceil((size - 2) / UNIT_SIZE))
    deputies = math.ceil((directorates - 1) / DIRECTORATES_PER_DEPUTY)
    each, left = divmod(size - 1 - deputies, directorates)
    sizes = [each + (at < left) for at in range(directorates)]
    yield _Unit(f"{top} / {OFFICE}", "Kepala Biro", sizes.pop(), top)
    for field, parts in _fields(deputies, demo=demo, serves=agency.code == SERVICE_AGENCY):
        path = f"Deputi Bidang {field}"
        yield _Unit(path, path, 1, top)
        for part in parts:
            if sizes:
                yield _Unit(f"{path} / {part}", part.replace("Direktorat", "Direktur"), sizes.pop(0), path)


def _rank(agency: Agency) -> str:
    """What the secretary is called: differs between ministries that have directorates general and those that don't."""
    if agency.code in ("BAPPENAS", "KEMENPANRB", "SETNEG"):
        return "Kementerian"
    return "Jenderal" if agency.name.startswith("Kementerian") else "Utama"


def _fields(deputies: int, *, demo: bool, serves: bool) -> Iterator[tuple[str, list[str]]]:
    """Names for deputies and their directorates; past the list a Roman numeral tells the second round apart."""
    fields = [(field, [f"Direktorat {part}" for part in parts]) for field, *parts in _FIELDS]
    if serves:
        fields[0][1][1] = SERVICE_UNIT
    if demo:
        fields.insert(0, ("Pengembangan Regional", [DEMO_UNIT, *(f"Direktorat Regional {n}" for n in ("I", "II"))]))
    for at in range(deputies):
        turn, place = divmod(at, len(fields))
        field, parts = fields[place]
        mark = f" {'I' * (turn + 1)}" if turn else ""
        extra = [f"Direktorat Dukungan {field} {n}" for n in ("I", "II", "III", "IV")]
        yield field + mark, [part + mark for part in (parts + extra)[:DIRECTORATES_PER_DEPUTY]]


def _accounts(unit: _Unit, agency: Agency, *, demo: bool) -> list[_Account | None]:
    """Who must be in ``unit``, by place, its head first; None is anybody."""
    if unit.path.endswith(OFFICE):
        if demo:
            return [
                None,
                _Account(
                    "kepegawaian@selaras.test", "Ratna Wulandari", ("hr-officer",), "Analis SDM Aparatur Ahli Muda"
                ),
                _Account("ruang@selaras.test", "Yohanis Rumbiak", ("room-keeper",), "Penata Layanan Operasional"),
                _Account(
                    "admin@selaras.test", "Fauzan Ibrahim", ("agency-admin", "operator"), "Pranata Komputer Ahli Muda"
                ),
            ]
        slug = agency.code.lower()
        return [
            None,
            _Account(f"kepegawaian.{slug}@selaras.test", "", ("hr-officer",), "Analis SDM Aparatur Ahli Muda"),
            _Account(f"ruang.{slug}@selaras.test", "", ("room-keeper",), "Penata Layanan Operasional"),
            _Account(f"admin.{slug}@selaras.test", "", ("agency-admin",), "Pranata Komputer Ahli Muda"),
        ]
    if demo and unit.path.endswith(DEMO_UNIT):
        return [
            _Account("atasan@selaras.test", "Made Wirawan"),
            _Account("pegawai@selaras.test", "Siti Rahma", (), "Perencana Ahli Muda"),
        ]
    return []


class _Register:
    """Hands out names, addresses and numbers, none of them twice."""

    def __init__(self, today: date, dice: random.Random) -> None:
        self._today = today
        self._dice = dice
        self._bearers: Counter[str] = Counter()
        self._numbers: set[str] = set()
        men = {name for region in _REGIONS for name in region.men}
        self._women_named = {name for region in _REGIONS for name in region.women} - men

    def new(self, account: _Account | None, *, head: bool) -> _Newcomer:
        """Somebody new, or the one ``account`` asks for."""
        if account and account.name:
            name, woman = account.name, account.name.split()[0] in self._women_named
        else:
            name, woman = self._name()
        email = account.email if account else self._email(name)
        return _Newcomer(name, email, self._nip(woman=woman, head=head))

    def title(self) -> str:
        return self._dice.choice(_TITLES)

    def _name(self) -> tuple[str, bool]:
        region = self._dice.choice(_REGIONS)
        woman = self._dice.random() < 0.5
        how_many = self._dice.choice((1, 1, 2)) if region.two_given else 1
        given = self._dice.sample(region.women if woman else region.men, k=how_many)
        return " ".join((*given, self._dice.choice(region.families))), woman

    def _email(self, name: str) -> str:
        """The name with dots; from the second bearer on with a number."""
        local = ".".join(name.lower().split())
        self._bearers[local] += 1
        number = self._bearers[local]
        return f"{local}{number if number > 1 else ''}@selaras.test"

    def _nip(self, *, woman: bool, head: bool) -> str:
        """An 18-digit number that passes the checks and belongs to nobody.

        Birth date, year and month of appointment (month 21: PPPK, who exist since 2021), sex (1 man, 2 woman), serial.
        Format: Peraturan Kepala BKN 22/2007.
        """
        while True:
            born = self._today.year - self._dice.randint(*((44, 57) if head else (25, 55)))
            contract = not head and self._today.year > 2021 and self._dice.random() < 0.15
            earliest = max(born + 22, 2021) if contract else born + 22
            appointed = self._dice.randint(earliest, max(earliest, min(born + 32, self._today.year - 1)))
            month = 21 if contract else self._dice.randint(1, 12)
            serial = 900 + self._dice.randrange(100)
            number = f"{born}{self._dice.randint(1, 12):02}01{appointed}{month:02}{2 if woman else 1}{serial}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number
