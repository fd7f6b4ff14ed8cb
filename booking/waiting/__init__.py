"""The waiting list: who wants a time when it becomes free, and whose turn it is."""
