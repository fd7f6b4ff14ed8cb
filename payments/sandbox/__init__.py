"""A stand-in for Stripe on one's own machine, to try and to test with. The program itself knows only its address."""
