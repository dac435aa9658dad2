/**
 * The rows of each scope as the frames of presence.v1 leave them, whatever is lost, late, doubled or out of order.
 * A frame is taken only as the next one of its epoch; anything else is dropped, or answered with 'gap': ask again.
 */
export class Reducer {
  scopes = new Map()

  /** 'rows' if something changed, 'gap' if frames are missing, '' otherwise. */
  take(frame) {
    const known = this.scopes.get(frame.scope)
    if (frame.t === 'snap') {
      if (known?.e === frame.e && frame.seq <= known.seq) return ''
      const rows = new Map(frame.rows.map((row) => [row[0], { rev: frame.rev, row }]))
      this.scopes.set(frame.scope, { e: frame.e, seq: frame.seq, rows })
      return 'rows'
    }
    if (!known || known.e !== frame.e || frame.seq > known.seq + 1) return 'gap'
    if (frame.seq <= known.seq) return ''
    known.seq = frame.seq
    for (const row of frame.rows) {
      if ((known.rows.get(row[0])?.rev ?? -1) <= frame.rev) known.rows.set(row[0], { rev: frame.rev, row })
    }
    for (const key of frame.gone) known.rows.delete(key)
    return 'rows'
  }

  /** Scopes of which a beat knows another frame than the last one here. */
  behind(seqs) {
    return Object.keys(seqs).filter((scope) => this.scopes.get(scope)?.seq !== seqs[scope])
  }

  /** Where to go on: epoch and number of the last frame of each scope. */
  resume(scopes) {
    const known = scopes.filter((scope) => this.scopes.get(scope)?.e)
    return Object.fromEntries(known.map((scope) => [scope, [this.scopes.get(scope).e, this.scopes.get(scope).seq]]))
  }

  /** Rows that came another way: no frame goes on from them. */
  replace(scope, rows) {
    this.scopes.set(scope, { e: '', seq: -1, rows: new Map(rows.map((row) => [row[0], { rev: -1, row }])) })
  }

  rows(scope) {
    return [...(this.scopes.get(scope)?.rows.values() ?? [])].map(({ row }) => row)
  }
}
