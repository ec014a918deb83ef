"""A console that has a width, colours and an encoding."""
