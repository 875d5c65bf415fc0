// The table of comparison operators: what each needs, which values it takes, what it means.
export const OPERATOR_NAMES = [
  "equals",
  "not_equals",
  "contains",
  "not_contains",
  "icontains",
  "starts_with",
  "ends_with",
  "greater",
  "greater_or_equal",
  "less",
  "less_or_equal",
  "in",
  "not_in",
  "exists",
  "not_exists",
  "is_empty",
  "before",
  "after",
  "between",
  "regex",
] as const;
export type OperatorName = (typeof OPERATOR_NAMES)[number];
