"""The one clock that frames and audio share; every other length in avdf follows from it.

Row r of a track is one frame and the samples [640 r, 640 r + 640).
Source: paper, "Implementation Details"; Whisper's `audio.py`.
"""

FRAME_RATE = 25  # frames per second
SAMPLE_RATE = 16_000  # audio samples per second
SAMPLES_PER_FRAME = SAMPLE_RATE // FRAME_RATE  # 640

MEL_BINS = 80
MEL_WINDOW = 400  # samples: 25 ms
MEL_HOP = 160  # samples: 10 ms
MELS_PER_FRAME = SAMPLES_PER_FRAME // MEL_HOP  # 4 columns of log-mel per frame
TOKENS_PER_FRAME = MELS_PER_FRAME // 2  # Whisper's second convolution halves them

SEGMENT_FRAMES = 16  # T in the paper
SEGMENT_SECONDS = SEGMENT_FRAMES / FRAME_RATE  # 0.64
SEGMENT_SAMPLES = SEGMENT_FRAMES * SAMPLES_PER_FRAME  # 10,240
SEGMENT_MELS = SEGMENT_FRAMES * MELS_PER_FRAME  # 64: N_t in the paper
SEGMENT_TOKENS = SEGMENT_FRAMES * TOKENS_PER_FRAME  # 32: N_t / 2

FRAME_SIZE = 224  # pixels: width and height of a face crop
