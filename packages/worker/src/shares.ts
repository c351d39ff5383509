/** A line that a claim may name. */
export interface Offer {
  readonly weight: number
  /** So many of it at most. */
  readonly most: number
  /** The last claim has emptied it, as far as is known. */
  readonly isDry: boolean
}

export interface Share<T extends Offer> {
  readonly offer: T
  /** So many of it in this claim, at most. */
  readonly limit: number
}

/**
 * How one claim of `limit` records is divided by weight, as lines to be claimed one after the other. Each line is drawn so many places that
 * on average it has its share of them, however few there are. What the lines before it leave of theirs goes to one that is likely to have
 * more, itself drawn by weight, so that what is empty gives its share away in the same proportions. Behind that one stand those that
 * were drawn no place, so that a claim finds whatever there is to find.
 */
export function shared<T extends Offer>(
  offers: readonly T[],
  limit: number,
  random: () => number,
): readonly Share<T>[] {
  const places = placesOf(offers, limit, random())
  const drawn = offers.map((offer, i) => ({ offer, limit: Math.min(offer.most, places[i] ?? 0) }))
  const open = drawn.filter(({ offer, limit: own }) => own < offer.most)
  const likely = open.filter(({ offer }) => !offer.isDry)
  const heir = drawOne(likely.length > 0 ? likely : open, random)
  const others = drawn.filter((share) => share !== heir)
  return [
    ...others.filter((share) => share.limit > 0),
    ...[...(heir === undefined ? [] : [heir]), ...others.filter((share) => share.limit === 0)].map(({ offer }) => ({
      offer,
      limit: Math.min(offer.most, limit),
    })),
  ]
}

/**
 * Systematic sampling (Madow, 1949): the places lie at equal distances on a line on which each offer takes as much room as it weighs, and
 * one random number says where the first one lies. An offer gets its exact share, rounded up or down, and on average no more and no less.
 */
function placesOf(offers: readonly Offer[], limit: number, start: number): readonly number[] {
  const total = offers.reduce((sum, { weight }) => sum + weight, 0)
  let [weighed, placed] = [0, 0]
  return offers.map(({ weight }) => {
    weighed += weight
    const before = placed
    placed = Math.floor((limit * weighed) / total + start)
    return placed - before
  })
}

function drawOne<T extends Share<Offer>>(shares: readonly T[], random: () => number): T | undefined {
  let left = random() * shares.reduce((sum, { offer }) => sum + offer.weight, 0)
  return shares.find(({ offer }) => (left -= offer.weight) < 0) ?? shares.at(-1)
}
