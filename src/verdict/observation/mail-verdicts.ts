// The questions about the notification of users, for steps.
export {
  everyMailIsValid,
  hasMailCount,
  mailDoesNotMention,
  mailStates,
  noneHasTwoMails,
  notificationReports,
  notifyExit,
} from './mail.ts'
