/**
 * Judges the digits of an international number by the patterns of all countries of its calling code in one pass: is it
 * valid, whose is it, and of which kind. A graph a calling code, built when the first number of it comes.
 * The rule is the phone-number library's own, country by country: whose leading digits these are, or who has a kind of
 * number like this. A test holds it to the library.
 */
import { DigitGraphs, type FlatGraph, VALUE_AT } from './digit-graph.ts';
import { graphOf } from './patterns.ts';
import { placeOf } from './places.ts';
import { type Plan, type PlanType, plansByCallingCode } from './plans.ts';

/** No country has a number like this. */
export const INVALID = -1;
/** It begins with what the library may take for a national prefix, and take off. */
export const UNSURE = -2;

interface Graph {
  readonly codeLength: number;
  readonly nodes: FlatGraph;
}

/** By the first three digits: calling codes have one to three, and none begins another. */
const codes = layOut();
const graphs = new Map<string, Graph>();
const graphsByHead = new Array<Graph | undefined>(1000).fill(undefined);

const PREFIXED = 1 << 14;

/**
 * @param start where in `text` the calling code begins
 * @param isWhole whether nothing can be taken off any more: what looks like a national prefix is none
 * @returns the number's place, or why it has none; UNSURE, too, for what is not all digits
 */
export function judgeDigits(text: string, start: number, isWhole: boolean): number {
  const length = text.length;
  if (length - start < 7 || length - start > 15) return UNSURE;
  const first = text.charCodeAt(start) - 48;
  const second = text.charCodeAt(start + 1) - 48;
  const third = text.charCodeAt(start + 2) - 48;
  if (first < 0 || first > 9 || second < 0 || second > 9 || third < 0 || third > 9) return UNSURE;
  const head = first * 100 + second * 10 + third;
  const graph = graphsByHead[head] ?? build(head);
  if (graph === undefined) return UNSURE;
  const { nodes } = graph;
  let node = 0;
  for (let index = start + graph.codeLength; index < length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return UNSURE;
    node = nodes[node + digit] ?? 0;
  }
  const verdict = nodes[node + VALUE_AT] ?? 0;
  if ((verdict & PREFIXED) !== 0 && !isWhole) return UNSURE;
  return (verdict & (PREFIXED - 1)) - 1;
}

/**
 * By its length alone, which has to be that of a mobile number: a new range is of that, if of any.
 * @returns the place of kind `unknown`, or INVALID
 */
export function possiblePlace(number: string, start: number): number {
  const callingCode = codes[Number(number.slice(start, start + 3))];
  if (callingCode === undefined) return INVALID;
  const plans = plansByCallingCode.get(callingCode) ?? [];
  const national = number.slice(start + callingCode.length);
  const leading = plans.find(
    ({ leadingDigits }) =>
      leadingDigits !== undefined && new RegExp(`^(?:${leadingDigits})`).test(national),
  );
  const plan = leading ?? plans[0];
  if (plan === undefined) return INVALID;
  const { length } = national;
  const isLong = plan.lengths.includes(length) && plan.mobileLengths.includes(length);
  return isLong ? placeOf(plan.country, callingCode, 'unknown') : INVALID;
}

/** How many mobile numbers a plan has by their length: at each index, of that many digits after the calling code. */
export function mobilesByLength({ country, callingCode }: Plan): readonly number[] {
  const graph = build(Number(callingCode.padEnd(3, '0')));
  const mobile = placeOf(country, callingCode, 'mobile');
  const known = new Map<number, readonly number[]>();
  const counts = (node: number): readonly number[] => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const verdict = graph?.nodes[node + VALUE_AT] ?? 0;
    const found = [(verdict & (PREFIXED - 1)) - 1 === mobile ? 1 : 0];
    for (let digit = 0; digit < 10; digit++) {
      const next = graph?.nodes[node + digit] ?? node;
      // What leads back to itself is nobody's for good.
      if (next === node) continue;
      for (const [length, count] of counts(next).entries()) {
        found[length + 1] = (found[length + 1] ?? 0) + count;
      }
    }
    known.set(node, found);
    return found;
  };
  return counts(0);
}

function layOut(): (string | undefined)[] {
  const table = new Array<string | undefined>(1000).fill(undefined);
  for (const callingCode of plansByCallingCode.keys()) {
    const width = 10 ** (3 - callingCode.length);
    table.fill(callingCode, Number(callingCode) * width, (Number(callingCode) + 1) * width);
  }
  return table;
}

function build(head: number): Graph | undefined {
  const callingCode = codes[head];
  const plans = callingCode === undefined ? undefined : plansByCallingCode.get(callingCode);
  if (callingCode === undefined || plans === undefined) return undefined;
  let graph = graphs.get(callingCode);
  if (graph === undefined) {
    graph = { nodes: graphOfPlans(plans), codeLength: callingCode.length };
    graphs.set(callingCode, graph);
  }
  graphsByHead[head] = graph;
  return graph;
}

/** Values are places + 1, with PREFIXED where something may be taken off; 0 is no number of anybody. */
function graphOfPlans(plans: readonly Plan[]): FlatGraph {
  const graphs = new DigitGraphs();
  const [main] = plans;
  const single = plans.length === 1;
  /** Decided, that it is nobody's: the country is known, and has no such number. */
  const nobody = PREFIXED - 1;
  let found = graphs.nothing;
  for (const plan of plans) {
    const valid = validOf(graphs, plan);
    const { leadingDigits } = plan;
    const own =
      leadingDigits === undefined || single
        ? valid
        : graphs.join(
            graphs.beginning(graphOf(graphs, leadingDigits)),
            valid,
            (begins, place) => begins && (place === 0 ? nobody : place),
          );
    found = graphs.join(found, own, (before, next) => (before === 0 ? next : before));
  }
  // Whose leading digits they are not, and who are the first nevertheless, judge what nobody claims.
  if (main?.leadingDigits !== undefined && !single) {
    const last = validOf(graphs, main);
    found = graphs.join(found, last, (before, next) => (before === 0 ? next : before));
  }
  found = graphs.map(found, (place) => (place === nobody ? 0 : place));
  if (main?.nationalPrefix !== undefined) {
    const prefix = graphs.beginning(graphOf(graphs, main.nationalPrefix.replaceAll('$', '')));
    found = graphs.join(found, prefix, (place, begins) => (begins ? place | PREFIXED : place));
  }
  return graphs.flatten(found);
}

/** The library's order: what is a fixed line and a mobile number counts as mobile, then the first kind that fits. */
const ORDER: readonly PlanType[] = [
  'fixed',
  'mobile',
  'premium',
  'toll_free',
  'shared_cost',
  'voip',
  'personal',
  'pager',
  'universal',
  'voicemail',
];

function validOf(graphs: DigitGraphs, plan: Plan): number {
  const { country, callingCode, types } = plan;
  const place = (type: PlanType) => placeOf(country, callingCode, type) + 1;
  const fixed = place('fixed');
  const mobile = place('mobile');
  let found = graphs.nothing;
  for (const type of ORDER) {
    const fitting = typeGraph(graphs, plan, type);
    if (fitting === graphs.nothing) continue;
    const one = graphs.map(fitting, (fits) => fits && place(type));
    found = graphs.join(found, one, (before, next) => {
      if (before === fixed && next === mobile) return mobile;
      return before === 0 ? next : before;
    });
  }
  const alike = types.mobile === undefined || types.mobile.pattern === '';
  const whole = graphOf(graphs, plan.pattern);
  return graphs.join(found, whole, (kind, fits) => {
    if (!fits) return 0;
    return kind === fixed && alike ? mobile : kind;
  });
}

function typeGraph(graphs: DigitGraphs, { types }: Plan, type: PlanType): number {
  const known = types[type];
  if (known === undefined || known.pattern === '') return graphs.nothing;
  const graph = graphOf(graphs, known.pattern);
  if (known.lengths.length === 0) return graph;
  return graphs.join(graph, graphs.ofLengths(known.lengths), (fits, isLong) => fits & isLong);
}
