"""Scripts as people write them: what becomes steps, what is kept as it is, what is refused."""

from __future__ import annotations

import pytest

from tests.import_samples import SAMPLES, Sample
from xtrig.errors import DefinitionError
from xtrig.importer import to_yaml
from xtrig.load import load_text


@pytest.mark.parametrize("sample", SAMPLES, ids=[each.name for each in SAMPLES])
def test_a_sample_becomes_what_it_says(sample: Sample) -> None:
    try:
        result = sample.imported()
        findings, becomes = result.findings, sample.kind(result)
        assert load_text(to_yaml(result)) == result.triggers
    except DefinitionError as refused:
        findings, becomes = tuple(refused.findings), "refused"
    said = "\n".join(map(str, findings))
    assert becomes == sample.becomes, said
    assert sample.says in said
