// Static analysis of a parsed template: the paths it reads from outside. Also where ranges are refused, since it meets every expression.
import type { Template, Token } from "liquidjs";
import { TokenizationError, TypeGuards, toValueSync, Value } from "liquidjs";

/**
 * Every path once, in order. Names that the template has assigned before are its own. A dynamic segment ends a path:
 * `items[key].price` reads `items` and `key`.
 * @throws TokenizationError for a range: counting from 10^16 by ones would never end
 */
export const referencesIn = (parts: Template[]): string[][] => {
  const found = new Map<string, string[]>();
  const assigned = new Set<string>();

  const visitToken = (token: unknown): void => {
    if (TypeGuards.isRangeToken(token)) throw new TokenizationError("ranges are not available in templates", token);
    if (!TypeGuards.isPropertyAccessToken(token)) return;
    const { variable, props } = token as { variable?: Token; props: Token[] };
    for (const inner of [variable, ...props]) visitToken(inner);
    const names: string[] = [];
    for (const prop of props) {
      if (!TypeGuards.isWordToken(prop) && !TypeGuards.isQuotedToken(prop) && !TypeGuards.isNumberToken(prop)) break;
      names.push(String(prop.content));
    }
    if (variable || names.length === 0 || assigned.has(names[0]!)) return;
    found.set(names.join("\u0000"), names);
  };

  const visitValue = ({ initial, filters }: Value): void => {
    for (const token of initial.postfix) visitToken(token);
    for (const filter of filters) for (const arg of filter.args) visitToken(Array.isArray(arg) ? arg[1] : arg);
  };

  const visit = (part: Template): void => {
    for (const argument of part.arguments?.() ?? []) {
      if (argument instanceof Value) visitValue(argument);
      else visitToken(argument);
    }
    for (const child of part.children ? (toValueSync(part.children(false, true)) as Template[]) : []) visit(child);
    for (const name of part.localScope?.() ?? []) assigned.add(name.content);
  };

  for (const part of parts) visit(part);
  return [...found.values()];
};
