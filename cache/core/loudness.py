"""From how loud on a sample is sound."""

SILENCE_DB = -60  # of full scale: what is not louder is silence
LOUDEST_SILENCE = round(32768 * 10 ** (SILENCE_DB / 20))  # 33, of samples of 16 bits
