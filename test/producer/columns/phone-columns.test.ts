import { expect, test } from 'vitest';
import { phoneCandidates } from '../../../src/producer/columns/phone-columns.ts';

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  English: [
    'Phone',
    'TO',
    ' mobile',
    'Phone Number',
    'PHONE_NUMBER',
    'phoneNumber',
    'Tel.',
    'Cell',
  ],
  'more English': [
    'Contact No.',
    'Mobile no',
    'cell-phone',
    'Customer Phone',
    'Parent Mobile',
    'CP No.',
  ],
  Chinese: [
    '手机',
    '手机号',
    '手机号码',
    '联系电话',
    '收货人手机号',
    '电话（必填）',
    '手机号码*',
    '手 机 号',
  ],
  'Chinese, traditional': [
    '手機',
    '手機號碼',
    '電話號碼',
    '行動電話',
    '聯絡電話',
    '流動電話號碼',
    '會員手機',
  ],
  Japanese: [
    '電話番号',
    '携帯電話',
    '携帯番号',
    'ＴＥＬ',
    '電話番号（携帯）',
    '電話番号(ハイフンなし)',
    'ｹｰﾀｲ',
  ],
  Korean: [
    '전화번호',
    '휴대폰 번호',
    '핸드폰',
    '연락처',
    '휴대전화',
    '받는분 연락처',
    '휴대폰번호(필수)',
  ],
  Spanish: [
    'Teléfono',
    'telefono',
    'Número de teléfono',
    'Móvil',
    'CELULAR',
    'Nº de móvil',
    'Teléfono celular',
  ],
  Portuguese: [
    'Telefone',
    'Telemóvel',
    'Celular (com DDD)',
    'Nº do telefone',
    'numero do celular',
    'WhatsApp',
  ],
  French: [
    'Téléphone',
    'N° de téléphone',
    'Portable',
    'Tél. mobile',
    'numero de portable',
    'TELEPHONE PORTABLE',
  ],
  German: [
    'Telefon',
    'Telefonnummer',
    'Handy',
    'Handy-Nr.',
    'Mobilnummer',
    'Tel.-Nr.',
    'Rufnummer',
  ],
  Indonesian: ['No. HP', 'Nomor Telepon', 'no_hp', 'Nomor WA', 'No Telp', 'Ponsel', 'HP'],
  Malay: ['No. Telefon', 'Nombor telefon bimbit', 'No. Tel. Bimbit'],
  Vietnamese: [
    'Số điện thoại',
    'SĐT',
    'so dien thoai',
    'Điện thoại',
    'Di động',
    'SĐT khách hàng',
    'Số ĐT',
  ],
  Thai: ['เบอร์โทร', 'เบอร์โทรศัพท์', 'หมายเลขโทรศัพท์', 'มือถือ', 'โทร.', 'เบอร์มือถือ'],
  Arabic: ['رقم الهاتف', 'الجوال', 'رقم الجوال', 'موبايل', 'هاتف', 'رقم الموبايل', 'رَقم الهاتف'],
  Hindi: ['फ़ोन', 'फोन नंबर', 'मोबाइल नंबर', 'मोबाइल', 'दूरभाष', 'संपर्क नंबर', 'व्हाट्सएप नंबर'],
  Shopify: ['Phone', 'Default Address Phone', 'Billing Phone', 'Shipping Phone'],
  WooCommerce: ['billing_phone', 'Billing Phone', 'Phone (Billing)', 'shipping_phone'],
  CRMs: ['MobilePhone', 'Mobile Phone Number', 'Mobile Phone', 'Phone Number', 'SMS Phone', 'SMS'],
  'address books': ['Phone 1 - Value', 'Mobile Phone', 'Cell Phone', 'Primary Phone'],
  networks: ['msisdn', 'MSISDN', 'GSM', 'E.164', 'WhatsApp Number', 'whats_app'],
};

test.each(Object.entries(KNOWN))('finds the number in lists: %s', (_kind, names) => {
  const missed = names.filter(
    (name) => phoneCandidates(['id', name.trim(), 'email'], undefined).join() !== '1',
  );
  expect(missed).toEqual([]);
});

test.each([
  'Fax',
  'Phone Type',
  'Phone Verified',
  'has_phone',
  'Emergency Contact Phone',
  'Phone (fax)',
  'Phone 1 - Type',
  'email',
  'Total',
  'tomorrow',
  'phone;number',
  '紧急联系人电话',
  '传真',
  'Telefax',
  '',
  '()',
])('does not take %j for it', (name) => {
  expect(phoneCandidates([name], undefined)).toEqual([]);
});

test('phone, to and mobile come before all others, as ever', () => {
  expect(phoneCandidates(['Billing Phone', 'Phone', 'SMS', '电话'], undefined)).toEqual([1]);
  expect(phoneCandidates(['Cell Phone', 'to', 'Mobile'], undefined)).toEqual([1, 2]);
  expect(phoneCandidates(['Phone', 'MOBILE', 'Cell'], undefined)).toEqual([0, 1]);
});

test.each(['MobilePhone', 'Mobile Phone Number', 'Cell', 'Handy', '手机号码', 'No. HP', 'celular'])(
  'beside %s, phone may be the fixed line',
  (mobile) => {
    expect(phoneCandidates(['name', 'Phone', mobile, 'Fax'], undefined)).toEqual([1, 2]);
  },
);

test.each([
  ['Amazon', 'order-id,buyer-phone-number,ship-phone-number', [1, 2]],
  ['Rakuten', '注文番号,注文者電話番号1,送付先電話番号1', [1, 2]],
  ['Naver', '주문번호,구매자명,수취인연락처1,수취인연락처2', [2]],
  ['a clinic', "Patient's name,Patient's phone,Doctor", [1]],
  ['a Spanish shop', 'Nombre;Telf.;Fax'.replaceAll(';', ','), [1]],
])('finds the number in the export of %s', (_whose, header, found) => {
  expect(phoneCandidates(header.split(','), undefined)).toEqual(found);
});

test('of others, none is better than another', () => {
  expect(phoneCandidates(['Mobile Phone', 'Phone Number'], undefined)).toEqual([0, 1]);
  expect(phoneCandidates(['電話番号', '携帯電話'], undefined)).toEqual([0, 1]);
  expect(phoneCandidates(['Telefon', 'Ort', 'Handy'], undefined)).toEqual([0, 2]);
});
