"""A network in a box: the IMS core that the UE is tested against."""
