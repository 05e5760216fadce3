/**
 * What the column with the number is called, in the languages of those who send and in the exports of shops and CRMs.
 * Only whole names count, so that `phone type`, `has phone`, a fax or somebody's emergency contact are none of them.
 */
import { cleanName, columnsNamed, indexesOf } from './names.ts';

/** These come before all others, as ever: a list that has one of them means it. */
const FIRST: readonly string[] = ['phone', 'to', 'mobile'];

/** Names by language. Case, accents, punctuation and blanks do not tell them apart: `Tel.-Nr.` is `tel nr`. */
const NAMES: Readonly<Record<string, string>> = {
  English: `phone | phone no | phone num | phone number | phone numbers | mobile | mobile no | mobile num
    mobile number | mobile numbers | mobile phone | mobile phone no | mobile phone number | mobile tel | phone mobile
    cell | cell no | cell number | cell phone | cell phone no | cell phone number | telephone | telephone no
    telephone number | tel | tel no | tel number | tel mobile | contact no | contact number | contact numbers
    handphone | handphone no | handphone number | whatsapp | whatsapp no | whatsapp number | whatsapp phone
    sms | sms no | sms number | sms phone | sms phone no | sms phone number | text number | msisdn | gsm
    gsm no | gsm number | e164 | e164 number | international phone number | cp no | cp number | ph no | ph number
    mob | mob no | mob number | mobile telephone | mobile telephone number | cellular | cellular phone | hp no
    phone nr | phone num 1 | phone number 1 | mobile 1 | work mobile | mobile work | wa number | phone or mobile`,
  'exports of shops and CRMs': `phone 1 | phone 1 value | phone primary | phone mobile number | phone work mobile
    person phone mobile | phone cell | billing address phone | shipping address phone | delivery address phone | ship phone number | ship to phone | bill to phone
    phone work cell |     phone billing | phone shipping | phone customer | to number | to phone | to phone number | destination number
    destination phone | recipient no | recipient number | phone e164 | phone international`,
  'Chinese, simplified': `手机 | 手机号 | 手机号码 | 手机电话 | 电话 | 电话号 | 电话号码 | 移动电话 | 移动电话号码
    联系电话 | 联系电话号码 | 联系手机 | 联系手机号 | 联系手机号码 | 联系方式 | 联系号码 | 联系人电话 | 联系人手机
    联系人手机号 | 联系人手机号码 | 客户电话 | 客户手机 | 客户手机号 | 客户手机号码 | 会员电话 | 会员手机 | 会员手机号
    会员手机号码 | 用户手机 | 用户手机号 | 用户手机号码 | 买家电话 | 买家手机 | 买家手机号 | 买家手机号码 | 收件人电话
    收件人手机 | 收件人手机号 | 收件人手机号码 | 收货人电话 | 收货人手机 | 收货人手机号 | 收货人手机号码 | 收货电话
    收货手机 | 收货手机号 | 注册手机 | 注册手机号 | 注册手机号码 | 绑定手机 | 绑定手机号 | 绑定手机号码 | 接收号码
    接收手机号 | 接收手机号码 | 电话手机 | 手机1 | 电话1 | 短信号码 | 短信手机号 | 本人手机 | 本人手机号 | 个人手机号 | 个人电话 | 学生手机号 | 家长手机号`,
  'Chinese, traditional': `手機 | 手機號 | 手機號碼 | 手機電話 | 電話 | 電話號碼 | 行動電話 | 行動電話號碼 | 流動電話
    流動電話號碼 | 手提電話 | 手提電話號碼 | 手提號碼 | 手提 | 聯絡電話 | 聯絡電話號碼 | 聯絡手機 | 聯絡手機號碼
    聯絡號碼 | 聯絡方式 | 聯繫電話 | 聯繫方式 | 聯繫手機 | 連絡電話 | 連絡手機 | 連絡方式 | 聯絡人電話 | 聯絡人手機
    聯絡人手機號碼 | 客戶電話 | 客戶手機 | 客戶手機號碼 | 顧客電話 | 顧客手機 | 會員電話 | 會員手機 | 會員手機號碼 | 買家電話
    買家手機 | 收件人電話 | 收件人手機 | 收件人手機號碼 | 收件電話 | 收貨人電話 | 收貨人手機 | 訂購人電話 | 訂購人手機
    註冊手機 | 註冊手機號碼 | 接收號碼 | 簡訊號碼 | 短訊號碼 | 家長電話 | 家長手機`,
  Japanese: `電話 | 電話番号 | お電話番号 | 電話番号携帯 | 電話携帯 | 携帯 | 携帯電話 | 携帯番号 | 携帯電話番号 | 携帯no
    携帯tel | tel携帯 | 電話no | 連絡先 | ご連絡先 | 連絡先電話番号 | ご連絡先電話番号 | 連絡先携帯番号 | 連絡先番号
    ケータイ | ケータイ番号 | スマホ | スマホ番号 | スマートフォン | モバイル | モバイル番号 | sms番号 | sms送信先
    送信先 | 送信先番号 | 送信先電話番号 | 宛先番号 | 宛先電話番号 | 顧客電話番号 | お客様電話番号 | 会員電話番号
    購入者電話番号 | 注文者電話番号 | ご注文者電話番号 | 届け先電話番号 | 電話番号1 | 注文者電話番号1 | 送付先電話番号1 | 配送先電話番号 | お届け先電話番号 | 送付先電話番号 | 請求先電話番号 | 受信番号`,
  Korean: `전화 | 전화번호 | 휴대폰 | 휴대폰번호 | 휴대전화 | 휴대전화번호 | 핸드폰 | 핸드폰번호 | 핸펀 | 연락처 | 연락처번호
    모바일 | 모바일번호 | 이동전화 | 이동전화번호 | 무선전화 | 문자번호 | 수신번호 | 수신자번호 | 수신자전화번호
    수신자휴대폰 | 수신자연락처 | 받는번호 | 받는사람번호 | 받는분연락처 | 받는분전화번호 | 고객전화번호 | 고객휴대폰
    고객휴대폰번호 | 고객연락처 | 회원전화번호 | 회원휴대폰 | 회원휴대폰번호 | 회원연락처 | 주문자전화번호 | 주문자휴대폰
    주문자휴대폰번호 | 주문자휴대전화 | 주문자연락처 | 구매자전화번호 | 구매자연락처 | 구매자휴대폰 | 수령인전화번호
    수령인휴대폰 | 수령인휴대전화 | 수령인연락처 | 수취인전화번호 | 수취인연락처 | 수취인연락처1 | 연락처1 | 휴대폰1 | 전화번호1 | 수령자휴대폰 | 수령자연락처 | 수령자전화번호 | 수취인휴대폰 | 폰번호 | 폰 | hp번호`,
  Spanish: `teléfono | teléfonos | número de teléfono | número telefónico | número teléfono | núm de teléfono
    núm teléfono | nro de teléfono | nro teléfono | no de teléfono | no teléfono | teléfono no | n de teléfono
    móvil | teléfono móvil | número de móvil | número móvil | núm de móvil | núm móvil | nro móvil | no de móvil
    no móvil | número de teléfono móvil | tel móvil | celular | teléfono celular | número de celular
    número celular | núm de celular | núm celular | nro de celular | nro celular | no de celular | no celular
    número de teléfono celular | tel celular | cel | tel cel | núm cel | nro cel | no cel | número de cel
    teléfono de contacto | número de contacto | móvil de contacto | celular de contacto | número de whatsapp
    teléfono whatsapp | nro de whatsapp | teléfono de facturación | teléfono de envío | teléfono cliente
    teléfono del cliente | celular del cliente | móvil del cliente | teléfono principal | teléfono 1 | móvil 1 | celular 1 | telf
    tlf | tfno | tlf móvil | telf móvil`,
  Portuguese: `telefone | telefones | número de telefone | número do telefone | número telefone | núm telefone
    nro telefone | no de telefone | no do telefone | no telefone | n de telefone | fone | tel fone | telemóvel | número de telemóvel
    número do telemóvel | no de telemóvel | no telemóvel | tlm | tlmv | celular | número de celular
    número do celular | no do celular | no de celular | celular com ddd | telefone com ddd | fone com ddd | ddd telefone
    ddd celular | telefone celular | fone celular | telefone móvel | número do telefone celular | tel celular
    telefone de contato | telefone de contacto | telefone contato | celular de contato | celular contato
    número de contato | número para contato | telefone para contato | número do whatsapp | telefone whatsapp
    celular whatsapp | whats | zap | telefone do cliente | telefone cliente | celular do cliente | celular cliente
    telefone de cobrança | telefone de entrega | telefone principal | telefone 1 | fone 1
    celular 1`,
  French: `téléphone | téléphones | numéro de téléphone | numéro téléphone | num téléphone | no de téléphone
    no téléphone | n de téléphone | n téléphone | num de téléphone | numéro de tél | num tél | no de tél | no tél
    n de tél | n tél | téléphone no | tél no | tél portable | tél mobile | portable | téléphone portable
    téléphone mobile | numéro de portable | numéro portable | num portable | no de portable | no portable
    n de portable | n portable | numéro de mobile | numéro mobile | no mobile | no de mobile
    numéro de téléphone portable | numéro de téléphone mobile | cellulaire | téléphone cellulaire | tél cellulaire
    tél cell | numéro de cellulaire | no de cellulaire | no cellulaire | numéro gsm | no gsm
    téléphone client | téléphone du client | téléphone de facturation | téléphone de livraison
    téléphone de contact | numéro de contact | numéro whatsapp | téléphone principal | téléphone 1`,
  German: `Telefon | Telefonnummer | Telefonnr | Telefon Nr | Telefon Nummer | Telefon mobil | Telefon Mobil Nr
    Telefon Handy | Fon | Tel Nr | Tel Nummer | Telnr | Tel mobil | Tel Handy | Tel privat mobil | Handy | Handynummer
    Handynr | Handy Nr | Handy Nummer | Mobil | Mobilnummer | Mobilnr | Mobil Nr | Mobil Nummer | Mobil Tel
    Mobiltel | Mobiltelefon | Mobiltelefonnummer | Mobiltelefonnr | Mobiltelefon Nr | Mobilfunk | Mobilfunknummer
    Mobilfunknr | Mobilfunk Nr | Mobilrufnummer | Rufnummer | Rufnr | Kontaktnummer | Kontakttelefon
    Kundentelefon | Natel | Natelnummer | Natel Nr | WhatsApp Nummer | SMS Nummer | Rechnungstelefon
    Telefon Rechnung | Telefon Lieferung | Telefon Kunde | Telefon 1`,
  Indonesian: `telepon | telepon seluler | telepon genggam | nomor telepon | no telepon | nomer telepon | nomor telpon
    no telpon | telpon | nomor telp | no telp | telp | nomor tlp | no tlp | tlp | no tel | hp | no hp | nomor hp
    nomer hp | no telp hp | no hp wa | no wa hp | telepon hp | handphone | no handphone | nomor handphone
    ponsel | no ponsel | nomor ponsel | telepon ponsel | seluler | nomor seluler | no seluler | wa | no wa
    nomor wa | nomer wa | nomor whatsapp | no whatsapp | nomor kontak | no kontak | nomor tujuan | no tujuan
    nomor telepon seluler | nomor telepon genggam | no telepon pelanggan | nomor telepon pelanggan
    no hp pelanggan | nomor hp pelanggan | no hp penerima | nomor hp penerima | telepon penerima
    no telepon penerima | nomor telepon penerima | no hp pembeli | no telepon pembeli`,
  Malay: `telefon | telefon bimbit | nombor telefon | no telefon | nombor tel | nombor telefon bimbit
    no telefon bimbit | no tel bimbit | tel bimbit | no bimbit | no hp | nombor hp | nombor whatsapp`,
  Vietnamese: `điện thoại | số điện thoại | số đt | sđt | di động | số di động | điện thoại di động
    số điện thoại di động | đtdđ | số đtdđ | sđtdđ | đt di động | điện thoại liên hệ | số điện thoại liên hệ
    sđt liên hệ | số liên hệ | số liên lạc | điện thoại liên lạc | số điện thoại liên lạc | điện thoại khách hàng
    số điện thoại khách hàng | sđt khách hàng | sđt khách | sđt kh | điện thoại người nhận
    số điện thoại người nhận | sđt người nhận | sđt người mua | số điện thoại người mua | zalo | số zalo | sđt zalo`,
  Thai: `โทรศัพท์ | โทร | เบอร์ | เบอร์โทร | เบอร์โทรศัพท์ | หมายเลขโทรศัพท์ | เลขโทรศัพท์ | เลขหมายโทรศัพท์ | มือถือ
    โทรศัพท์มือถือ | เบอร์มือถือ | เบอร์โทรมือถือ | เบอร์โทรศัพท์มือถือ | หมายเลขมือถือ | หมายเลขโทรศัพท์มือถือ
    โทรศัพท์เคลื่อนที่ | หมายเลขโทรศัพท์เคลื่อนที่ | เบอร์ติดต่อ | เบอร์โทรติดต่อ | เบอร์โทรศัพท์ติดต่อ
    หมายเลขติดต่อ | โทรศัพท์ติดต่อ | เบอร์ลูกค้า | เบอร์โทรลูกค้า | เบอร์โทรศัพท์ลูกค้า | เบอร์ผู้รับ | เบอร์โทรผู้รับ
    เบอร์โทรศัพท์ผู้รับ | เบอร์โทรศัพท์ที่ติดต่อได้ | เบอร์สมาชิก | เบอร์โทรสมาชิก`,
  Arabic: `هاتف | الهاتف | رقم هاتف | رقم الهاتف | أرقام الهاتف | جوال | الجوال | رقم جوال | رقم الجوال | هاتف جوال
    الهاتف الجوال | رقم الهاتف الجوال | موبايل | الموبايل | رقم موبايل | رقم الموبايل | محمول | المحمول | رقم المحمول
    هاتف محمول | الهاتف المحمول | رقم الهاتف المحمول | نقال | النقال | رقم النقال | هاتف نقال | الهاتف النقال
    رقم الهاتف النقال | خلوي | الخلوي | رقم الخلوي | الهاتف الخلوي | رقم الهاتف الخلوي | تلفون | التلفون | رقم التلفون
    تليفون | التليفون | رقم التليفون | رقم تليفون | رقم الاتصال | رقم التواصل | رقم للتواصل | واتساب | الواتساب
    رقم واتساب | رقم الواتساب | واتس اب | رقم الواتس اب | رقم الواتس | هاتف العميل | رقم هاتف العميل | جوال العميل
    رقم جوال العميل | رقم المستلم | هاتف المستلم | جوال المستلم | رقم هاتف المستلم`,
  Hindi: `फ़ोन | फ़ोन नंबर | फ़ोन नम्बर | फ़ोन नं | फ़ोन न | फ़ोन संख्या | मोबाइल | मोबाइल नंबर | मोबाइल नम्बर
    मोबाइल नं | मोबाइल न | मोबाइल संख्या | मोबाइल फ़ोन | मोबाइल फ़ोन नंबर | मोबाईल | मोबाईल नंबर | मोबाईल नम्बर
    मोबाईल नं | दूरभाष | दूरभाष नंबर | दूरभाष संख्या | दूरभाष क्रमांक | मोबाइल क्रमांक | टेलीफ़ोन | टेलीफ़ोन नंबर
    संपर्क नंबर | सम्पर्क नंबर | संपर्क नम्बर | संपर्क नं | संपर्क संख्या | सम्पर्क संख्या | संपर्क फ़ोन
    व्हाट्सएप | व्हाट्सएप नंबर | व्हाट्सऐप | व्हाट्सऐप नंबर | वॉट्सऐप | वॉट्सऐप नंबर | ग्राहक फ़ोन | ग्राहक मोबाइल
    ग्राहक मोबाइल नंबर | ग्राहक का मोबाइल नंबर | ग्राहक का फ़ोन नंबर`,
};

/** Whose number it is, as English and most exports put it before the name. */
const WHOSE = `customer | client | contact | user | member | recipient | receiver | subscriber | billing | shipping
  delivery | default address | primary | main | personal | account | lead | person | guest | patient | student | parent
  buyer | order | your | attendee | employee | owner | consumer | donor | driver | profile | private | registered`;

/** What may stand in brackets behind such a name, and means nothing for it. */
const ASIDES = `required | mandatory | optional | mobile | cell | sms | whatsapp | primary | main | digits only | numbers only
  with country code | incl country code | including country code | country code included | with area code
  international | international format | e164 | e164 format | number | no
  必填 | 必填项 | 必填項 | 必填欄位 | 必须 | 必須 | 必須項目 | 选填 | 選填 | 手机 | 手機 | 含区号 | 含区码 | 含国家代码 | 含国家区号
  含國碼 | 含國際區碼 | 含區碼 | 携帯 | 携帯電話 | 半角 | 半角数字 | ハイフンなし | ハイフン無し | ハイフンあり | 任意
  필수 | 선택 | 휴대폰 | 하이픈없이 | 없이 | 숫자만 | obligatorio | opcional | móvil | celular | con prefijo | obrigatório
  com ddd | ddd | wajib | wajib diisi | opsional | wa | hp | bắt buộc | di động | จำเป็น | มือถือ | إلزامي | مطلوب | اختياري
  जरूरी | अनिवार्य | वैकल्पिक | obligatoire | facultatif | portable | pflicht | pflichtfeld | erforderlich | mobil | handy`;

/** Of a name that is none of those: what makes it worth offering before others. */
const HINT =
  /phone|fone|fon|tel|mobil|movil|cell|celu|handy|gsm|sms|whats|contact|msisdn|number|nummer|numero|nomor|hp|电话|電話|手机|手機|携帯|番号|号码|號碼|전화|폰|번호|연락|เบอร์|โทร|มือถือ|هاتف|جوال|موبايل|رقم|फोन|मोबाइल|नंबर|दूरभाष|thoai|sdt/u;
/** Of a name that is one of those: what makes it a mobile phone's for certain. */
const MOBILE =
  /mobil|movil|cel|handy|handphone|gsm|手机|手機|携帯|行動|流動|휴대|핸드폰|มือถือ|جوال|موبايل|محمول|मोबाइल|didong|portable|ponsel|^hp|^nohp/u;
const BRACKETS = /^(.+?)[([{（【［〔「]([^()[\]（）【】［］]+)[)\]}）】］〕」][\s*＊:：]*$/u;

let known:
  | { readonly names: ReadonlySet<string>; readonly asides: ReadonlySet<string> }
  | undefined;

/** Indexes of the columns that may be the one with the number. @param wanted what the user calls it, where told */
export function phoneCandidates(
  columns: readonly string[],
  wanted: string | undefined,
): readonly number[] {
  if (wanted !== undefined) return columnsNamed(wanted, columns);
  const first = indexesOf(columns, (column) => FIRST.includes(column.toLowerCase()));
  if (first.length === 0) return indexesOf(columns, isKnown);
  if (first.some((index) => columns[index]?.toLowerCase() !== 'phone')) return first;
  // Beside a mobile phone, `Phone` may be the fixed line, as address books and CRMs have it.
  return indexesOf(columns, (column) => FIRST.includes(column.toLowerCase()) || isMobile(column));
}

/** Whether a column may hold numbers, by its name. Where several do, none is better. */
export function isPhoneColumn(column: string): boolean {
  return FIRST.includes(column.toLowerCase()) || isKnown(column);
}

export function resemblesPhone(column: string): boolean {
  return HINT.test(keyOf(column));
}

/** Whether it is a mobile number's by its name; another name of a phone does not say. */
function isMobile(column: string): boolean {
  return MOBILE.test(keyOf(column)) && isKnown(column);
}

function isKnown(column: string): boolean {
  known ??= { names: new Set(allNames()), asides: new Set(partsOf(ASIDES).map(keyOf)) };
  if (known.names.has(keyOf(column.replace(/['’]s\b/i, '')))) return true;
  const [, name, aside] = BRACKETS.exec(column) ?? [];
  if (name === undefined || aside === undefined) return false;
  return known.names.has(keyOf(name)) && known.asides.has(keyOf(aside));
}

function allNames(): string[] {
  const names = Object.values(NAMES).flatMap(partsOf);
  const english = partsOf(NAMES['English'] ?? '');
  const whose = partsOf(WHOSE).flatMap((owner) => english.map((name) => `${owner} ${name}`));
  return [...names, ...whose].map(keyOf);
}

function partsOf(text: string): string[] {
  return text.split(/\s*[|\n]\s*/);
}

/**
 * The same for all spellings of a name: `MobilePhone`, `mobile_phone` and `Mobile phone:`. What may divide columns
 * stays, so that a whole line that was taken for one cell is no name.
 */
function keyOf(name: string): string {
  return (
    cleanName(name)
      .replaceAll('°', 'o')
      .normalize('NFKD')
      // Accents, the vowel signs and stretches of Arabic, the dot below of Hindi: written by some, left out by others.
      .replace(/[\u0300-\u036f\u0640\u064b-\u0655\u093c]/g, '')
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll('đ', 'd')
      .replaceAll('ى', 'ي')
      .replaceAll('ة', 'ه')
      .replace(/[^\p{L}\p{M}\p{N},;|]/gu, '')
  );
}
