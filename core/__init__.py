"""No domain words: what every room may import."""
