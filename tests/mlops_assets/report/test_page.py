from mlops_assets.report.page import cards, facts, figure, page, section, table

ATTACK = "<script>alert('x')</script>\"&"


def test_a_page_is_one_document_without_script_or_outside_address():
    text = page("Title", "lead", [section("Part", "<p>body</p>")])
    assert text.startswith("<!doctype html>")
    assert text.endswith("</body></html>")
    assert "<script" not in text
    assert "http" not in text


def test_what_came_from_data_is_escaped_everywhere():
    parts = [cards({ATTACK: ATTACK}), section(ATTACK), table([ATTACK], [[ATTACK]]), figure(b"", ATTACK)]
    text = page(ATTACK, ATTACK, parts)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 10


def test_cells_show_numbers_texts_truths_and_nothing():
    text = table(["a"], [[1234567], [0.123456789], ["word"], [True], [None]])
    assert '<td class="number">1,234,567</td>' in text
    assert '<td class="number">0.1235</td>' in text
    assert "<td>word</td>" in text
    assert "<td>True</td>" in text
    assert "<td></td>" in text


def test_an_empty_table_says_so():
    assert table(["a"], []) == "<p>nothing yet</p>"
    assert table(["a"], [], "no champion yet") == "<p>no champion yet</p>"


def test_a_picture_lies_inside_the_page():
    assert 'src="data:image/png;base64,cG5n"' in figure(b"png", "caption")


def test_facts_name_their_rows_and_are_escaped():
    text = facts([("labels", 1200), (ATTACK, ATTACK)])
    assert '<th scope="row">labels</th><td>1200</td>' in text
    assert "<script" not in text


def test_the_name_of_a_column_of_numbers_stands_above_them():
    text = table(["name", "n", "mixed"], [["a", 1, 2], ["b", None, "none"]])
    assert '<th>name</th><th class="number">n</th><th>mixed</th>' in text
