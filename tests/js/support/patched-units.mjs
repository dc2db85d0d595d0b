// The units of wao, with the corrections of patch-wao.mjs. No other process gets these.
import { startUnits } from '../../../xtask/scripts/units.mjs'

export const startPatchedUnits = () => startUnits({ preload: new URL('patch-wao.mjs', import.meta.url) })
