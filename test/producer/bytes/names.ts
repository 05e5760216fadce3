/** What stands in the lists of people of many countries, and the encodings that such lists are saved in. */
export interface Names {
  readonly language: string;
  readonly encoding: string;
  readonly names: readonly string[];
}

const of = (language: string, encoding: string, names: string): Names => ({
  language,
  encoding,
  names: names.split(' '),
});

export const NAMES: readonly Names[] = [
  of(
    'Chinese',
    'gb18030',
    '张伟 王芳 李秀英 刘洋 陈静 杨勇 赵磊 黄丽 周杰 吴敏 徐强 孙艳 胡军 朱婷 高鹏 林涛 何欢 郭琳 马超 罗佳 梁宇 宋雨桐 郑凯 谢娜 韩雪 唐嫣 冯刚 于洁 董璇 欧阳锋 诸葛亮 慕容雪 龚俊 阚清子 邬君梅',
  ),
  of(
    'Chinese cities and words',
    'gb18030',
    '北京市朝阳区 上海浦东 深圳南山 杭州西湖 成都武侯 武汉洪山 西安雁塔 会员优惠 金卡用户 银卡用户 满减活动 到店自提 已付款 未付款 退款中 尊敬的客户 您的包裹 快递已到 双十一大促 生日快乐',
  ),
  of(
    'traditional Chinese',
    'big5',
    '陳怡君 林志明 黃淑芬 張家豪 李美玲 王建宏 吳雅婷 劉俊傑 蔡宗翰 楊麗華 許冠宇 鄭承恩 謝品妤 郭雪芙 洪金寶 曾國城 邱澤 廖峻 賴雅妍 周杰倫 徐若瑄 蘇慧倫 葉倩文 莊凱勛 呂秀蓮 江蕙 何潤東 蕭敬騰 羅志祥 高以翔',
  ),
  of(
    'traditional Chinese words',
    'big5',
    '台北市信義區 新北市板橋區 高雄市左營區 台中市西屯區 香港九龍灣 會員優惠 金卡會員 生日快樂 親愛的客戶 您的包裹 已付款 未付款 週年慶 滿額贈 點數到期',
  ),
  of(
    'Japanese',
    'shift_jis',
    '佐藤花子 鈴木一郎 高橋健太 田中美咲 伊藤翔 渡辺直樹 山本さくら 中村ゆい 小林誠 加藤恵子 吉田拓也 斎藤愛 松本潤 井上陽菜 木村拓哉 林修 清水翔太 山崎育三郎 森山直太朗 池田エライザ 橋本環奈 石川さゆり 前田敦子 藤田ニコル 小川あん',
  ),
  of(
    'Japanese in kana',
    'shift_jis',
    'タナカタロウ ｽｽﾞｷｲﾁﾛｳ ヤマダハナコ ｻﾄｳﾊﾅｺ イトウケン ｺﾊﾞﾔｼﾏｺﾄ ワタナベナオキ ｶﾄｳｹｲｺ さくら ひまわり',
  ),
  of(
    'Japanese, EUC',
    'euc-jp',
    '佐藤はなこ 鈴木イチロー 高橋健太 田中みさき 伊藤翔 渡辺直樹 山本さくら 中村ゆい 小林まこと 加藤けいこ 吉田拓也 斎藤あい',
  ),
  of(
    'Korean',
    'euc-kr',
    '김민수 이서연 박지훈 최수진 정우성 강하늘 조인성 윤아름 장동건 임수정 한지민 오세훈 서현진 신민아 권상우 황정음 안재현 송혜교 류준열 전지현 홍길동 고현정 문채원 양세형 손예진 배수지 백종원 허준호 유재석 남주혁',
  ),
  of(
    'Korean words',
    'euc-kr',
    '서울특별시강남구 부산해운대 인천송도 대전유성 고객님 감사합니다 배송완료 결제대기 생일쿠폰 똠얌꿍 펩시콜라 할인행사',
  ),
  of(
    'Spanish',
    'windows-1252',
    'José María Peña Sofía Andrés Muñoz Lucía Íñigo Ángel Martín Begoña Ramón Núñez Inés Óscar García López Hernández Rodríguez Pérez Álvaro Iñaki Adrián Fernández',
  ),
  of(
    'German',
    'windows-1252',
    'Müller Jürgen Größe Weiß Schröder Änne Köln Österreich Übel Günther Björn Strauß Käthe Löwe Hänsel Grüße Straße Kühn Völker Bäcker',
  ),
  of(
    'French',
    'windows-1252',
    'François Hélène Benoît Zoë Château Noël Gaël Chloé Béatrice Éric Jérôme Agnès Rhône Théo Anaïs L’Oréal Élodie Loïc Maël Cœur',
  ),
  of(
    'Portuguese',
    'windows-1252',
    'João São Gonçalves Conceição Antônio Luís Inês Magalhães Assunção Lúcia Açores Ângela Sebastião Araújo Mário Patrícia Simões Guimarães Vitória Brandão',
  ),
  of('Danish', 'windows-1252', 'Søren Åse Jørgensen Bjørn Kæmpe Ærø Møller Sørensen Næstved Håkon'),
  of(
    'Polish',
    'windows-1250',
    'Łukasz Żaneta Wójcik Małgorzata Świątek Grażyna Michał Zbyszek Kraków Łódź Poznań Wałęsa Paweł Dąbrowski Gdańsk Rafał',
  ),
  of(
    'Czech',
    'windows-1250',
    'Dvořák Jiří Šárka Tomáš Něměc Zdeněk Růžena Kateřina Plzeň Břeclav Ondřej',
  ),
  of(
    'Turkish',
    'windows-1254',
    'Ayşe Çağlar Gökhan İbrahim Yıldız Ümit Şahin Işık Oğuz Güneş Özgür Doğan',
  ),
  of(
    'Russian',
    'windows-1251',
    'Иван Мария Сергей Ольга Дмитрий Наталья Алексей Екатерина Андрей Юлия Москва Санкт-Петербург Казань Николай Светлана',
  ),
  of(
    'Russian, Unix',
    'koi8-r',
    'Иван Мария Сергей Ольга Дмитрий Наталья Алексей Екатерина Андрей Юлия Москва',
  ),
  of(
    'Vietnamese',
    'windows-1258',
    'Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Hằng Thủy Dũng Tuấn Hương Mỹ Hà Nội Đà Nẵng',
  ),
  of(
    'Thai',
    'windows-874',
    'สมชาย สมหญิง ประยุทธ์ กิตติ วิชัย สุดา นภา อารีย์ ธนกร ปิยะ มาลี กรุงเทพ เชียงใหม่ พรทิพย์ ณัฐพล ศิริพร',
  ),
  of(
    'Arabic',
    'windows-1256',
    'محمد فاطمة أحمد عائشة علي خالد مريم يوسف زينب عمر حسن نورة سعيد الرياض جدة دبي القاهرة عبدالله',
  ),
];
