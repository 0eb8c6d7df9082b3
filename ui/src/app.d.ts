/** `productName` of `tauri.conf.json`. */
declare const __APP_NAME__: string;
