// A broken promise, found in a simulated world: always somebody's fault, and never the network's.
export class Broken extends Error {
  /** the invariant: I1 to I11, or a rule */
  readonly rule: string
  readonly who: number
  readonly at: number

  constructor(rule: string, who: number, at: number, what: string) {
    super(what)
    this.name = 'Broken'
    this.rule = rule
    this.who = who
    this.at = at
  }
}
