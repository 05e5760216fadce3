/**
 * What spreadsheets show in place of a value that they cannot work out, in the languages they speak: Excel, Google
 * Sheets, LibreOffice, Numbers. A closed list: `#SALE!` is somebody's text. LibreOffice's numbered ones are in `values.ts`.
 */

/** Google's, as long as a cell waits for another sheet. */
export const LOADING = 'Loading...';

/** In capitals, without the marks that Spanish opens with. */
export const SPREADSHEET_ERRORS: ReadonlySet<string> = new Set(
  [
    // English, which most languages without a line of their own share.
    '#N/A #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA #GETTING_DATA! #FIELD! #BLOCKED!',
    '#CONNECT! #UNKNOWN! #BUSY! #EXTERNAL! #PYTHON! #TIMEOUT! #ERROR! #ERROR #LOADING! #LOADING... #N/A!',
    // What does not fit into its column.
    '#### ##### ###### ####### ######## ######### ########## ########### ############',
    // German
    '#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD! #BLOCKIERT! #VERBINDEN! #UNBEKANNT! #DATEN_ABRUFEN',
    '#FEHLER!',
    // French
    '#VALEUR! #NOM? #NUL! #NOMBRE! #PROPAGATION! #EPARS! #ÉPARS! #CALCUL! #CHAMP! #BLOQUE! #BLOQUÉ! #CONNEXION!',
    '#INCONNU! #OBTENTION_DONNEES #ERREUR!',
    // Spanish and Portuguese
    '#N/D #VALOR! #NOMBRE? #NULO! #DESBORDAMIENTO! #CAMPO! #BLOQUEADO! #CONECTAR! #DESCONOCIDO! #OBTENIENDO_DATOS',
    '#NOME? #NÚM! #DESPEJAR! #EXCEDIDO! #DERRAMAMENTO! #BLOQUEADO! #OBTENDO_DADOS #ERRO! #CÁLCULO!',
    // Italian
    '#RIF! #VALORE! #NULLO! #ESPANSIONE! #ESTRAZIONE_DATI #ERRORE!',
    // Dutch
    '#N/B #VERW! #WAARDE! #NAAM? #DEEL/0! #LEEG! #GETAL! #OVERLOOP! #OVERLOPEN! #BEREKENEN! #FOUT!',
    // Polish and Czech
    '#N/D! #ADR! #ARG! #NAZWA? #DZIEL/0! #ZERO! #LICZBA! #ROZLANIE! #OBL! #BŁĄD!',
    '#NENÍ_K_DISPOZICI #NENÍ_K_DISPOZICI! #ODKAZ! #HODNOTA! #NÁZEV? #DĚLENÍ_NULOU! #ČÍSLO! #PŘESAH!',
    // Swedish, Danish, Norwegian, Finnish
    '#SAKNAS! #REFERENS! #VÄRDEFEL! #NAMN? #DIVISION/0! #SKÄRNING! #OGILTIGT!',
    '#I/T #REFERENCE! #VÆRDI! #NAVN? #VERDI! #PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #TYHJÄ! #LUKU!',
    // Hungarian, Turkish, Greek
    '#HIÁNYZIK #HIV! #ÉRTÉK! #NÉV? #ZÉRÓOSZTÓ! #NULLA! #SZÁM! #YOK #BAŞV! #DEĞER! #AD? #SAYI/0! #BOŞ! #SAYI! #TAŞMA!',
    '#Δ/Υ #ΑΝΑΦ! #ΤΙΜΗ! #ΟΝΟΜΑ? #ΔΙΑΙΡ/0! #ΚΕΝΟ! #ΑΡΙΘ!',
    // Russian and Ukrainian
    '#Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ПУСТО! #ЧИСЛО! #ПЕРЕНОС! #ВЫЧИСЛ! #ОШИБКА! #ПОЛЕ! #ОЖИДАНИЕ_ДАННЫХ',
    '#ПОСИЛАННЯ! #ЗНАЧЕННЯ! #ІМʼЯ? #ДІЛ/0! #ПОМИЛКА!',
    // Chinese, Japanese, Korean
    '#溢出! #计算! #字段! #錯誤! #错误! #スピル! #計算! #エラー! #분산! #계산! #오류!',
  ].flatMap((line) => line.split(' ')),
);
