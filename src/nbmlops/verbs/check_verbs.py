"""The verbs on skew checks: judging, listing, muting, accepting a new normal."""

from nbmlops.verbs.arguments import NAME, REASON, REF, is_not_ok, needed
from nbmlops.verbs.verb import Verb, option, positional

CHECK_VERBS = (
    Verb(
        name="skew",
        summary="judge serving data against what the version was trained on",
        group="Checks",
        method="check_skew",
        arguments=(
            REF,
            positional("serving", "data", "a frame or file", is_required=False),
            option("--reference", "data", "compare with this frame instead"),
            option("--weight", "column", "1 / each row's sampling probability"),
            option("--key", "columns", "compare rows by these columns: a,b"),
            option("--time", "column", "when a row was served"),
            option("--target", "column", "the target's column in serving"),
            option("--columns", "columns", "only these: a,b"),
            option("--labels", "data", "what came true, by request_id or entity"),
            option("--since", "text", "served from then on (UTC)", metavar="TIME"),
            option("--until", "text", "served up to then; a day whole", metavar="TIME"),
            option("--joint", "flag", "also look at columns together: takes rows"),
            option("--tolerance", "number", "the distance that does not matter: 0.1"),
            option("--alpha", "number", "checks that may err without drift: 0.05"),
        ),
        examples=(
            "skew delays@champion serving",
            "skew delays@champion july.parquet --tolerance 0.2",
        ),
        shell_examples=("skew delays@champion july.parquet --tolerance 0.2",),
        has_failed=is_not_ok,
    ),
    Verb(
        name="checks",
        summary="list a model's stored skew checks, newest first",
        group="Checks",
        method="checks",
        arguments=(NAME,),
        examples=("checks delays",),
    ),
    Verb(
        name="acknowledge",
        summary="mute the findings in one column until a day",
        group="Checks",
        method="acknowledge",
        arguments=(
            REF,
            positional("column", "column", "the column"),
            option(
                "--until",
                "text",
                "the last day on which it is muted",
                metavar="DAY",
                is_required=True,
            ),
            needed(REASON),
        ),
        examples=(
            'acknowledge delays/2 temp --until 2027-03-01 --reason "it is winter"',
        ),
    ),
    Verb(
        name="rebaseline",
        summary="accept a frame as the new reference of a version's checks",
        group="Checks",
        method="rebaseline",
        arguments=(
            REF,
            positional("frame", "data", "what the world looks like now"),
            needed(REASON),
        ),
        examples=('rebaseline delays/2 july --reason "the summer timetable"',),
        shell_examples=(
            'rebaseline delays/2 july.parquet --reason "the summer timetable"',
        ),
    ),
)
