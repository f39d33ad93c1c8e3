"""How long the randomised tests look: the same moderate search every time, or a longer one on request."""

import os

from hypothesis import HealthCheck, Phase, settings

# A scenario is a large thing to draw, so the checks on slow drawing would only measure the machine.
SLOW_DRAWS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

settings.register_profile(
    "default",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    # to make a failing scenario smaller takes minutes for each failure: that is the campaign's work
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=SLOW_DRAWS,
)
# HYPOTHESIS_PROFILE=campaign looks for new examples, for an hour rather than a minute, and makes them small
settings.register_profile(
    "campaign",
    max_examples=1500,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=SLOW_DRAWS,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
