/**
 * aoxide: the AO computer from JavaScript. It has the verbs, options and return values of `@permaweb/aoconnect`, so to migrate,
 * change the import.
 *
 * There is nothing to initialise: every function loads what it needs on its first call.
 */
export { connect, type ConnectOptions } from './client/connect.js'
export { serializeCron } from './client/cron.js'
export type {
  DryrunInput,
  LegacyClient,
  LegacyOptions,
  MessageInput,
  ResultInput,
  ResultsInput,
  ScheduledMessage,
  ScheduledPage,
  SignedMessage,
  SpawnInput
} from './client/modes/legacy/types.js'
export type { LocalClient, LocalOptions, LocalSpawnInput } from './client/modes/local.js'
export type {
  Delivered,
  MainnetClient,
  MainnetDryrunInput,
  MainnetMessageInput,
  MainnetOptions,
  MainnetResult,
  MainnetResultInput,
  MainnetResultsInput,
  MainnetSpawnInput,
  NodeRequest,
  StateOptions,
  StateValue
} from './client/modes/mainnet/types.js'
export type {
  Addresses,
  CallOptions,
  CommonOptions,
  RequestEvent,
  ResponseEvent,
  RetryOptions,
  Signature,
  WaitOption
} from './client/options.js'
export type { SendProgress } from './client/send.js'
export type { StreamInput } from './client/stream.js'
export {
  assign,
  dryrun,
  getLastSlot,
  getMessageById,
  getMessages,
  message,
  monitor,
  result,
  results,
  sendSignedMessage,
  signMessage,
  spawn,
  unmonitor
} from './client/top-level.js'
export type { FollowInput, ProvenPage, VerifyOption } from './client/verify-option.js'
export { AoError, type AoErrorCode } from './errors.js'
export { createSigner, createSigner as createDataItemSigner } from './signers/create-signer.js'
export { generateJwk, jwkToAddress } from './signers/keys.js'
export type {
  AnyCreate,
  AptosWallet,
  ArweaveWallet,
  Create,
  CreatePassthrough,
  CreateWithKey,
  EthereumWallet,
  ItemFields,
  Jwk,
  MadeSigner,
  MultiAptosKeys,
  OtherJwk,
  OtherSource,
  OtherWallet,
  Signer,
  SignerAnswer,
  SignerSource,
  SolanaWallet
} from './signers/types.js'
export type { Bytes, Data, Evaluation, OutboxMessage, ResultsPage, Tag } from './types.js'
export type { Proof, Proven, SlotReport, View } from './verify/types.js'
export { load } from './wasm/modules.js'
