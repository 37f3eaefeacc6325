// What members that break the rules may do (`rogues`).

export const tricks = [
  /** one byte of each body that it passes on is another */
  'alters',
  /** everybody has been visited, it says */
  'claims',
  /** its receipts are none */
  'spoils',
  /** it keeps what comes, and sends it again much later, to anybody */
  'replays',
  /** half of its own copies say something else */
  'equivocates',
  /** it takes everything, says so, and passes nothing on */
  'swallows',
  /** it tells others another ring */
  'forges',
  /** it sends direct copies of what others have begun to all */
  'spreads',
] as const
export type Trick = (typeof tricks)[number]
