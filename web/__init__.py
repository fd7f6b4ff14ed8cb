"""The one room that knows all: the program, its pages and its commands."""
