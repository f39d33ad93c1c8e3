"""From a YAML file to one frozen, validated scenario, or to every problem in it."""
