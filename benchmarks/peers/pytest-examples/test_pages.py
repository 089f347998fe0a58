"""How pytest-examples' own documentation has pages checked, printed output included."""

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples


@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_example(example: CodeExample, eval_example: EvalExample) -> None:
    eval_example.run_print_check(example)
