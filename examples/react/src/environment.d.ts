/** The variables of `.env.development` and `.env.production`. */
interface ImportMetaEnv {
  /** The switch: a network in the page, or the units of AO's network. */
  readonly VITE_NETWORK: 'local' | 'units'
  readonly VITE_TOKEN?: string
  readonly VITE_MU_URL?: string
  readonly VITE_CU_URL?: string
}
