"""How accurate the machine's verdicts are, by the random sample that reviewers see."""
