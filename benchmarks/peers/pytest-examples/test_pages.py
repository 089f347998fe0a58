"""Check pages as pytest-examples' documentation does, with their printed output."""

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples


@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_example(example: CodeExample, eval_example: EvalExample) -> None:
    eval_example.run_print_check(example)
