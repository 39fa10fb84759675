/** Says in a sentence for people why a document holds no conversation that can be sent. */
export class Unreadable extends Error {}
