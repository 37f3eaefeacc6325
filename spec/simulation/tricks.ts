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

/** What they may do to whoever was away, where somebody catches up (`givers`). */
export const givingTricks = [
  /** it gives what it keeps to anybody, asked or not, the newest first, and says that each was left out of its path */
  'foists',
  /** what it gives says something else, is of another list, or has another number; or it says that it has nothing, and has */
  'falsifies',
  /** it answers each question a hundred times, and asks everybody for everything without end */
  'floods',
] as const
export type Trick = (typeof tricks)[number] | (typeof givingTricks)[number]
