"""A candidate for an alias, with all that the gates look at, read when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nbmlops.compare.comparison import Comparison
from nbmlops.gate.policy import AliasPolicy, Policy
from nbmlops.lifecycle.compare import compare
from nbmlops.lifecycle.kept_checks import StoredCheck, newest_whole_check
from nbmlops.refs import check_alias
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


@dataclass(frozen=True, kw_only=True)
class Case:
    """A candidate for an alias, with what the gates look at.

    Attributes
    ----------
    place, policy
        The registry, and the alias's gates.
    alias
        The alias.
    candidate, holder
        Who wants it, and who has it; None if nobody has.
    trust
        Refs or digests that the caller vouches for.
    policy_file
        The file that asks for the gates of `policy`, as results name it.
    """

    place: Place
    policy: AliasPolicy
    alias: str
    candidate: ModelVersion
    holder: ModelVersion | None
    trust: tuple[str, ...] = ()
    policy_file: str = ""

    @cached_property
    def rival(self) -> ModelVersion | None:
        """The version that the candidate must not be worse than."""
        if self.policy.not_worse_than in {"", self.alias}:
            return self.holder
        with self.place.catalog.reading() as unit:
            name = self.candidate.name
            return self.place.champion_in(unit, name, self.policy.not_worse_than)

    @cached_property
    def comparison(self) -> Comparison | None:
        """The candidate beside its rival; None where there is none, or it is itself."""
        if self.rival is None or self.rival.number == self.candidate.number:
            return None
        return compare(
            self.place,
            self.rival.ref,
            self.candidate.ref,
            groups=self.policy.groups or None,
            slices=self.policy.slices or None,
            metric=self.policy.metric or None,
            timed=False,
        )

    @cached_property
    def check(self) -> StoredCheck | None:
        """The newest check of all columns of the model, of whichever version."""
        return newest_whole_check(self.place, self.candidate.name)


def case_of(
    place: Place, policy: Policy, ref: str, alias: str, trust: Sequence[str] = ()
) -> Case:
    """Find a candidate, and who has what it wants.

    Parameters
    ----------
    place, policy
        The registry, and its policy.
    ref, alias, trust
        As in `promote`.

    Returns
    -------
    Case
        Nothing is judged yet.
    """
    gates = policy.of(check_alias(alias))
    with place.catalog.reading() as unit:
        candidate = place.version_in(unit, ref, to_change=True)
        holder = place.champion_in(unit, candidate.name, alias)
    return Case(
        place=place,
        policy=gates,
        alias=alias,
        candidate=candidate,
        holder=holder,
        trust=(trust,) if isinstance(trust, str) else tuple(trust),
        policy_file=policy.file,
    )
