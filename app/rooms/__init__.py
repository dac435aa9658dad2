"""Sites, buildings, floors, desks, rooms, and the bookings that hold them."""
