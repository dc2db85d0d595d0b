/** An error of the command line that the user can correct. Its message is printed without a stack. */
export class UsageError extends Error {}
