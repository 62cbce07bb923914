/** What a share card shows and opens. */
export interface ShareCard {
  title: string;
  path: string;
  imageUrl: string;
}

/**
 * The card of every page that can be shared: the app's start page, nothing of what is on the screen. The picture is one of the app's
 * own because WeChat takes a screenshot of the page where a card has none, and that would show a record to whoever gets it.
 */
export const shareCard = (): ShareCard => ({
  title: '实时语音转文字',
  path: '/pages/realtime-voice/realtime-voice',
  imageUrl: '/images/share-card.png',
});
