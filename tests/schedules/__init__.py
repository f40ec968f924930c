"""Random days of real desks and a real county, on a line that loses, repeats, delays and cuts."""
