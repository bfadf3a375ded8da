"""The neural voice: Kokoro-82M through ONNX Runtime. Runs in the voice worker only (:mod:`broadcaster.voice.worker`).

    vocabulary   the model's symbols and their numbers
    phonemes     a phrase as symbols, in chunks that the model can take
    model        symbols to samples
    mouth        all of them: a phrase to samples
    kinds        which model, voices and front end belong together

Weights and voices are Apache-2.0. The libraries that usually go with them import GPL code; none is used here.
"""
