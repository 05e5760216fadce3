/**
 * The characters that names, places and notices are full of, by language: what tells one reading of the same bytes from
 * another. Each is some hundred out of thousands, and none has to be complete.
 */

const IN_CHINESE =
  '的一是在不了有和人中大上我以要他用生到作地出就分成可主年同工也能下子面而方多定行法所民得十三之等部度家力如水化高' +
  '自二理起小物加量都制使本去把性好合因由其些然前外天政四日社事平形相全表各重新正心反你明看原又利比或但第向道命此只' +
  '意建月公系很情者最立代想已通提直先生女士姐王李胡朱林何郭梁唐曹袁沈曾彭蔡丁魏薛余潘杜戴夏田任姜范石廖熊金郝孔白' +
  '崔康毛邱秦江史侯邵孟段雷黎易常武文芳敏洋勇娟秀霞桂英玉春梅雪婷宇浩欣怡思佳俊瑞博海市区客名手';
const IN_SIMPLIFIED =
  '这为个国时来们于对会发动过说产种后学经进着电里现实两体机当点从业应开还样与关线内数么质气变条没结解问无军并题' +
  '张刘陈杨赵黄周吴徐孙马罗宋郑谢韩冯董萧程邓许傅吕苏卢蒋贾叶阎钟汪姚谭邹陆顾龙万钱汤尹乔贺赖龚伟娜静丽强磊军' +
  '艳杰涛超平刚华兰红志晓轩涵梓鑫广州深圳省路号户话机备注订单';
const IN_TRADITIONAL =
  '這為個國時來們於對會發動過說產種後學經進著電裡現實兩體機當點從業應開還樣與關線內數麼質氣變條沒結解問無軍並題' +
  '陳黃張吳劉楊許鄭謝洪賴周徐蘇葉莊呂蕭羅簡鍾施游詹盧顏趙柯翁孫宋鄧馬溫藍蔣歐連馮董湯尤韓龔嚴鐘陸傅柳志豪傑宏' +
  '雅君淑芬美玲惠麗華雯佩宗翰冠承恩品妤詠晴台灣北高雄香港九龍戶話備註訂單';
const IN_JAPANESE =
  '佐藤鈴木高橋田中伊渡辺山本村小林加吉口斎松井上清水森池石川前島後長谷近坂遠青西福太三浦岡原竹内金野和久保大塚平' +
  '今丸菊地新宮千葉岩崎桜北南東京都府県市区町丁目番号様氏名電話携帯顧客会員子美恵一郎健翔結愛花真由陽菜葵蓮悠斗直' +
  '樹裕誠浩正信';
const IN_KOREAN =
  '김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지나채원천방공현함변염여추도소석' +
  '선설마길연위표명기반왕금옥육인맹제모탁국수영은미경희순숙자호준예훈동재상철규태승빈아라혜린다님객름화번휴대폰메을를' +
  '의에는가로할합니세요';

export const USUAL_SIMPLIFIED: ReadonlySet<string> = new Set(IN_CHINESE + IN_SIMPLIFIED);
export const USUAL_TRADITIONAL: ReadonlySet<string> = new Set(IN_CHINESE + IN_TRADITIONAL);
export const USUAL_JAPANESE: ReadonlySet<string> = new Set(IN_JAPANESE);
export const USUAL_KOREAN: ReadonlySet<string> = new Set(IN_KOREAN);

/** Beyond ASCII, in the words of languages that share an encoding. */
export const USUAL_WESTERN: ReadonlySet<string> = new Set(
  'áéíóúñüöäßçãõâêôàèùìòîïûëåøæœÁÉÍÓÚÑÜÖÄÇÃÕÂÊÔÀÈØÅÆŒ’‘“”–—…•€£°ºª¿¡®™§«»·´½²³¢¥©',
);
export const USUAL_EASTERN: ReadonlySet<string> = new Set(
  'áéíóúýöüäąćęłńśźżčďěňřšťůžőűăâîşĄĆĘŁŃŚŹŻČĎŘŠŽŐŰÁÉÍÓÖÜ„”–’€',
);
export const USUAL_TURKISH: ReadonlySet<string> = new Set('çğıöşüâîûÇĞİÖŞÜ’‘“”–€');
export const USUAL_VIETNAMESE: ReadonlySet<string> = new Set(
  'ăâđêôơưĂÂĐÊÔƠƯàáèéìíòóùúýÀÁÈÉÌÍÒÓÙÚ’“”–₫',
);
