"""How a text is read aloud: lexicon, numbers into words, pinyin, English words, sentences."""
