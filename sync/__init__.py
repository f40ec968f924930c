"""Exchange between desks and the county: protocol, desk engine, county server."""
