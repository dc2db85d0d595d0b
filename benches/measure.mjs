// Measures several candidates in turns in the same run, so that other load on the machine affects all of them.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Returns the median time of each candidate, in milliseconds.
 *
 * A turn has `inTurn` runs. Use several where a run allocates megabytes: the first run of a turn pays for the garbage of
 * the candidate before it, and is then not counted.
 *
 * @param {Record<string, () => Promise<number | unknown>>} candidates Asynchronous functions. A function that measures
 * itself returns its milliseconds.
 */
export async function race(candidates, { rounds, warmUp, inTurn = 1 }) {
  const entries = Object.entries(candidates)
  const times = new Map(entries.map(([name]) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    // Each candidate is first in every second round.
    if (round % 2) entries.reverse()
    for (const [name, candidate] of entries) {
      const turn = []
      while (turn.length < inTurn) {
        const began = performance.now()
        const own = await candidate()
        turn.push(typeof own === 'number' ? own : performance.now() - began)
      }
      if (round >= 0) times.get(name).push(...turn.slice(inTurn > 1 ? 1 : 0))
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]))
}
