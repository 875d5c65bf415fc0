// What WhatsApp takes in a question with answers to choose from, in characters and pieces: where flows are checked and where they are sent.
// Source: MESSAGING "WhatsApp"; Meta's "Interactive messages", 2026-11.

export const INTERACTIVE_LIMITS = {
  body: 1_024,
  header: 60,
  footer: 60,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  rows: 10,
  sections: 10,
  rowTitle: 24,
  rowDescription: 72,
  rowId: 200,
  listButton: 20,
  sectionTitle: 24,
} as const;
