"""The words of grocery lists by the part they play: units, goods, talk."""
