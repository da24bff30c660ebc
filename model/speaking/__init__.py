"""Which of several faces speaks: how well each mouth moves with the sound, without any weights."""
