"""The console's dictionaries held against the centre's codes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from kentongan_server.adapters import read_incidents
from kentongan_server.api import errors
from kentongan_server.domain import flags
from kentongan_server.domain.category import PRIORITIES, REVIEW, Category
from kentongan_server.domain.contact import Result
from kentongan_server.domain.incident import State
from kentongan_server.domain.outcome import BY_HAND, CAUSES, Outcome
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.domain.verdict import Part, Reason, Why
from kentongan_wire.errors import FrameError

SERVER = Path(__file__).parents[4] / "server/kentongan_server"
WEB = SERVER / "web"

# Prints the words that a language has for each kind of code.
PRINT_WORDS = """
const { LANGUAGE } = await import(process.argv[1]).then((module) => ({ LANGUAGE: module.id ?? module.en }));
const { kinds, flags, outcomes, levels, cases, troubles, centre, rejections, incident, errors } = LANGUAGE;
const of = (words) => Object.keys(words);
console.log(JSON.stringify({ kinds: of(kinds), flags: of(flags), outcomes: of(outcomes), levels: of(levels),
  troubles: of(troubles.kinds), details: of(troubles.details), reasons: of(rejections.reasons),
  parts: of(rejections.parts), whats: of(incident.whats), modems: of(centre.modemStates),
  categories: of(cases.categories), priorities: of(cases.priorities), states: of(cases.states),
  causes: of(cases.causes), results: of(cases.contacts.results), errors: of(errors.codes),
  refusals: of(cases.refusals) }));
"""
PRINT_CAUSES = """
const { CAUSES } = await import(process.argv[1]);
console.log(JSON.stringify(CAUSES));
"""


PRINT_REJECTIONS = """
const { REJECTIONS } = await import(process.argv[1]);
const of = (words) => Object.keys(words);
console.log(JSON.stringify(Object.values(REJECTIONS).map(({ details, frames }) => [of(details), of(frames)])));
"""


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=["id", "en"])
def words(request, tmp_path_factory):
    bundle = tmp_path_factory.mktemp("words") / f"{request.param}.mjs"
    source = f"src/i18n/{request.param}.ts"
    run("node_modules/.bin/esbuild", source, "--bundle", "--format=esm", "--log-level=error", f"--outfile={bundle}")
    return json.loads(run("node", "--input-type=module", "--eval", PRINT_WORDS, bundle))


def test_every_code_of_the_centre_has_a_word(words):
    assert set(words["troubles"]) == {kind.value for kind in TroubleKind}
    assert set(words["reasons"]) == {reason.value for reason in Reason}
    assert set(words["flags"]) == set(flags.names(sum(flags.Flag)))
    own = {*read_incidents.KINDS.values(), *read_incidents.OWN_KINDS.values()}
    assert set(words["kinds"]) == own
    assert set(words["parts"]) == {part.value for part in Part}
    assert set(words["whats"]) == {*read_incidents.TIMELINE, "seen"}  # the replay tells what the guard saw, too
    assert set(words["outcomes"]) == {outcome.value for outcome in Outcome}
    assert set(words["causes"]) == {cause for causes in CAUSES.values() for cause in causes}
    assert set(words["categories"]) == {category.value for category in Category}
    assert set(words["priorities"]) == {str(number) for number in {*PRIORITIES.values(), REVIEW}}
    assert set(words["states"]) == {state.value for state in State}
    assert set(words["results"]) == {result.value for result in Result}


def test_the_causes_are_those_of_the_centre(tmp_path):
    bundle = tmp_path / "outcome.mjs"
    source = "src/model/outcome.ts"
    run("node_modules/.bin/esbuild", source, "--bundle", "--format=esm", "--log-level=error", f"--outfile={bundle}")
    offered = json.loads(run("node", "--input-type=module", "--eval", PRINT_CAUSES, bundle))
    assert offered == {outcome.value: list(CAUSES[outcome]) for outcome in BY_HAND}


def codes_of_details() -> set[str]:
    """Every `{"code": "…", …}` that the centre's rules write into a trouble."""
    sources = [file.read_text() for room in ("domain", "application") for file in (SERVER / room).glob("*.py")]
    written = [found for source in sources for found in re.findall(r'\{"code": ([^,}]+)', source)]
    return {code for expression in written for code in re.findall(r'"([a-z-]+)"', expression)}


def test_every_detail_of_a_trouble_has_a_sentence(words):
    assert len(codes_of_details()) > 5
    assert codes_of_details() - set(words["details"]) == set()


def codes_of_refusals() -> set[str]:
    """Every code that an answer of the centre can carry: of its errors, of HTTP's own, of what is answered by hand."""
    sources = [file.read_text() for file in SERVER.glob("*/*.py")]
    raised = {code for source in sources for code in re.findall(r'^    code = "([a-z-]+)"', source, re.MULTILINE)}
    answered = {code for source in sources for code in re.findall(r'\banswer\(\s*\d+, "([a-z-]+)"', source)}
    return raised | answered | set(errors.STATUS) | {*errors._HTTP_CODES.values(), "http"}


def test_every_refusal_of_the_centre_has_words(words):
    codes = codes_of_refusals()
    assert {"stale", "store", "too-many-streams", "issuer", "not-signed", "not-set-up", "refused"} < codes
    # What is invalid is told with the field that is meant: a sentence of its own.
    assert set(words["errors"]) == codes - {"invalid"}
    assert set(words["refusals"]) < codes


def test_why_something_was_refused_is_told_in_both_languages(tmp_path):
    bundle = tmp_path / "rejections.mjs"
    source = "src/i18n/rejections.ts"
    run("node_modules/.bin/esbuild", source, "--bundle", "--format=esm", "--log-level=error", f"--outfile={bundle}")
    for details, frames in json.loads(run("node", "--input-type=module", "--eval", PRINT_REJECTIONS, bundle)):
        assert set(details) == {why.value for why in Why} | {"note"}
        assert set(frames) == set(FrameError.REASONS)
