"""The board of a facility, the screen in its hall, and the caretaker's list of the day."""
