"""The lexicon: what it finds, what is wrong with its file, and how it is written back."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.errors import UsageError
from broadcaster.voice.reading.lexicon import Entry, Lexicon, builtin
from broadcaster.voice.reading.lexicon_file import parse_entries, put_entry, read_entries, remove_entry

ROOT = Path(__file__).parents[1]


def _found(text: str, *words: str) -> list[str]:
    hits = Lexicon(tuple(Entry(word, "好") for word in words)).hits(text)
    return [text[hit.start : hit.end] for hit in hits]


def test_the_longest_word_counts_whatever_its_case_and_width() -> None:
    assert _found("买ＩＫＥＡ家具和ikea床", "IKEA", "IKEA家具") == ["ＩＫＥＡ家具", "ikea"]


@pytest.mark.parametrize("text", ["Macbook", "xMac", "TMacs"])
def test_letters_match_as_whole_words_only(text: str) -> None:
    assert _found(text, "Mac") == []


@pytest.mark.parametrize(
    ("text", "word"), [("iPhone15", "iPhone"), ("4S店", "4S"), ("(L&D)沙发", "L&D"), ("VIP会员", "vip")]
)
def test_digits_signs_and_hanzi_end_a_word(text: str, word: str) -> None:
    assert len(_found(text, word)) == 1


def test_a_number_is_not_cut() -> None:
    assert _found("14S店", "4S") == []


def test_what_ships_is_sound_and_large() -> None:
    assert len(builtin().entries) >= 100
    assert builtin().affects("TATA木门")
    assert read_entries(ROOT / "config" / "lexicon.csv")[1] == []


def test_the_stores_file_stands_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.csv"
    path.write_text("\ufeff词,读法,备注\nikea,yí jiā,员工说法\n", encoding="utf-8")
    lexicon, faults = Lexicon.load(path)
    assert faults == []
    assert lexicon.hits("IKEA")[0].entry.pinyin == ("yi2", "jia1")
    assert lexicon.affects("TATA")


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    assert Lexicon.load(tmp_path / "none.csv") == (Lexicon(builtin().entries), [])


def test_all_faults_at_once_with_line_value_and_remedy() -> None:
    text = "词,读法\nKUKA,ku4 kaa3\n\n# 注释\nABC\n,hǎo\nKuka,酷卡\nkuka,酷咖\n重庆,chóng\n四,4 个\n好,!!\n"
    entries, faults = parse_entries(text, "lexicon.csv")
    assert [fault.line for fault in faults] == [2, 5, 6, 8, 9, 10, 11]
    assert "kù kǎ" in faults[0].zh
    assert all(fault.zh and fault.en for fault in faults)
    assert [entry.word for entry in entries] == ["Kuka"]


def test_a_file_saved_by_excel_in_gbk_is_read_and_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.csv"
    path.write_bytes("词,读法\nIKEA,宜家\n".encode("gbk"))
    entries, faults = read_entries(path)
    assert entries == (Entry("IKEA", "宜家"),)
    assert "UTF-8" in str(faults[0])


def test_the_kinds_of_readings() -> None:
    assert Entry("VIP", "V I P").spelled
    assert Entry("IKEA", "宜家").say_like == "宜家"
    assert Entry("KUKA", "ku4ka3").pinyin == ("ku4", "ka3")


def test_writing_keeps_order_comments_notes_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.csv"
    before = "\ufeff词,读法,备注\r\n# 品牌\r\nAAA,甲,一,二\r\nBBB,乙\r\n# 完\r\n"
    path.write_bytes(before.encode())
    put_entry(path, Entry("bbb", "bǐng", "改了"))
    put_entry(path, Entry("C,C", "丁"))
    assert path.read_bytes().decode() == before.replace("BBB,乙", "bbb,bǐng,改了") + '"C,C",丁\r\n'
    assert remove_entry(path, "C,C")
    assert not remove_entry(path, "DDD")
    assert path.read_bytes().decode() == before.replace("BBB,乙", "bbb,bǐng,改了")


def test_a_new_file_gets_its_header(tmp_path: Path) -> None:
    put_entry(tmp_path / "lexicon.csv", Entry("TATA", "塔塔"))
    assert Lexicon.load(tmp_path / "lexicon.csv")[1] == []
    assert (tmp_path / "lexicon.csv").read_text(encoding="utf-8-sig") == "词,读法,备注\nTATA,塔塔\n"


def test_a_faulty_entry_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ku4 kaa3"):
        put_entry(tmp_path / "lexicon.csv", Entry("KUKA", "ku4 kaa3"))
    assert not (tmp_path / "lexicon.csv").exists()


def test_a_word_that_would_be_a_remark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="begins with #"):
        put_entry(tmp_path / "lexicon.csv", Entry("#1", "一号"))
    assert not (tmp_path / "lexicon.csv").exists()
